/**
 * Random well-typed expressions of the policy fragment over any declared environment, as source text, and random bindings for
 * them. Text is printed with as few or as many brackets, spaces, comments and quoting styles as CEL allows, so that what
 * is tested is the parsers too.
 */

import fc from 'fast-check';
import {
  type CelType,
  type Environment,
  isReadable,
  type ListType,
  type ScalarType,
  type StructType,
} from '../../src/rules/syntax/types.js';
import { type CelGeneratorOptions, interestingInts } from './cel-bindings.js';
import {
  boolPiece,
  bracketed,
  choose,
  infix,
  intPiece,
  listPiece,
  literalOf,
  type Piece,
} from './cel-pieces.js';

export { bindingsOf, type CelGeneratorOptions, interestingInts, interestingStrings } from './cel-bindings.js';

interface Reference {
  readonly path: string;
  readonly text: string;
  readonly type: CelType;
  /** References that must be present for this one to be read without error, outermost first. */
  readonly guards: readonly string[];
}

interface Scope {
  /** Path of the list looked through, or `[]` for a literal. */
  readonly path: string;
  readonly element: Reference;
}

/** Sources of type bool: what `parseCondition` accepts. Variables left out of `environment` are not read. */
export function conditions(
  environment: Environment,
  options: CelGeneratorOptions = {},
): fc.Arbitrary<string> {
  return expressions('bool', environment, options);
}

/** Sources of any scalar type. */
export function expressions(
  kind: ScalarType['kind'],
  environment: Environment,
  options: CelGeneratorOptions = {},
): fc.Arbitrary<string> {
  const generator = new CelGenerator(environment, options);
  return generator.scalar(kind, options.depth ?? 3, undefined).map(({ text }) => text);
}

class CelGenerator {
  private readonly references: readonly Reference[];
  private readonly cache = new Map<string, fc.Arbitrary<Piece>>();

  constructor(
    private readonly environment: Environment,
    private readonly options: CelGeneratorOptions,
  ) {
    const roots = Object.entries(environment).flatMap(([name, type]) => referencesIn(name, name, type, []));
    this.references = roots.filter(({ path }) => this.weightOf(path) > 0);
  }

  scalar(kind: ScalarType['kind'], depth: number, scope: Scope | undefined): fc.Arbitrary<Piece> {
    const key = `${kind} ${depth} ${scope?.path}`;
    let arbitrary = this.cache.get(key);
    if (arbitrary === undefined) {
      arbitrary = this.build(kind, depth, scope);
      this.cache.set(key, arbitrary);
    }
    return arbitrary;
  }

  private build(kind: ScalarType['kind'], depth: number, scope: Scope | undefined): fc.Arbitrary<Piece> {
    const leaf = this.leaf(kind, scope);
    if (depth <= 0) return kind === 'bool' ? fc.oneof(leaf, this.simpleCondition(scope)) : leaf;
    const conditional = this.conditional(kind, depth, scope);
    switch (kind) {
      case 'string':
        return choose([4, leaf], [1, conditional]);
      case 'int':
        return choose(
          [4, leaf],
          [5, this.arithmetic(depth, scope)],
          [1, this.negation(depth, scope)],
          [1, this.size(scope)],
          [1, conditional],
        );
      case 'bool':
        return choose(
          [1, leaf],
          [4, this.simpleCondition(scope)],
          [4, this.guarded(scope)],
          [5, this.logical('&&', 2, depth, scope)],
          [5, this.logical('||', 1, depth, scope)],
          [2, this.not(depth, scope)],
          [3, this.relation(fc.constantFrom('<', '<=', '>', '>='), 'int', depth, scope)],
          [2, this.relation(fc.constantFrom('==', '!='), 'int', depth, scope)],
          [1, this.relation(fc.constantFrom('==', '!='), 'bool', depth, scope)],
          [1, this.intMembership(depth, scope)],
          [1, conditional],
          ...(scope === undefined ? [[5, this.quantifier(depth)] as const] : []),
        );
    }
  }

  /** A literal or something read. */
  private leaf(kind: ScalarType['kind'], scope: Scope | undefined): fc.Arbitrary<Piece> {
    const read = this.reading((type) => type.kind === kind, scope);
    const literal = literalOf({ kind }, '', this.options);
    return read === undefined ? literal : choose([1, literal], [3, read.map(readPiece)]);
  }

  /** One comparison of something read with a literal or something else read, or a has. */
  private simpleCondition(scope: Scope | undefined): fc.Arbitrary<Piece> {
    const options = [this.equality(scope), this.membership(scope), this.has(scope)];
    const possible = options.filter((option) => option !== undefined);
    return possible.length === 0 ? fc.boolean().map(boolPiece) : fc.oneof(...possible);
  }

  /** `has(a.b) && a.b.c == …`: read without error. */
  private guarded(scope: Scope | undefined): fc.Arbitrary<Piece> {
    const read = this.reading((type) => type.kind !== 'struct' && type.kind !== 'list', scope, true);
    if (read === undefined) return this.simpleCondition(scope);
    return read.chain((reference) => {
      const compared = this.compare(reference, scope);
      return fc.tuple(compared, fc.boolean()).map(([condition, whenAbsent]) => {
        const guards = reference.guards.map((guard) => `has(${guard})`);
        if (whenAbsent) {
          const absent = guards.map((guard) => `!${guard}`);
          return { text: [...absent, bracketed(condition, 2)].join(' || '), level: 1 };
        }
        return { text: [...guards, bracketed(condition, 3)].join(' && '), level: 2 };
      });
    });
  }

  private equality(scope: Scope | undefined): fc.Arbitrary<Piece> | undefined {
    const read = this.reading((type) => type.kind !== 'struct' && type.kind !== 'list', scope);
    return read?.chain((reference) => this.compare(reference, scope));
  }

  private compare(reference: Reference, scope: Scope | undefined): fc.Arbitrary<Piece> {
    const type = reference.type as ScalarType;
    const literal = literalOf(type, reference.path, this.options);
    const other = this.reading((candidate) => candidate.kind === type.kind, scope);
    const right = other === undefined ? literal : choose([4, literal], [1, other.map(readPiece)]);
    const operators = type.kind === 'int' ? ['==', '!=', '<', '<=', '>', '>='] : ['==', '!='];
    const members = fc.array(literal, { minLength: 1, maxLength: 10 }).map(listPiece);
    const relation = infix(fc.constant(readPiece(reference)), fc.constantFrom(...operators), right, 3);
    return choose(
      [3, relation],
      [1, infix(fc.constant(readPiece(reference)), fc.constant('in'), members, 3)],
    );
  }

  private membership(scope: Scope | undefined): fc.Arbitrary<Piece> | undefined {
    const lists = this.reading((type) => type.kind === 'list' && type.of.kind !== 'struct', scope);
    return lists?.chain((reference) => {
      const { of } = reference.type as ListType;
      const literal = literalOf(of as ScalarType, `${reference.path}[]`, this.options);
      const member = this.reading((type) => type.kind === of.kind, scope);
      const left = member === undefined ? literal : choose([3, literal], [1, member.map(readPiece)]);
      return infix(left, fc.constant('in'), fc.constant(readPiece(reference)), 3);
    });
  }

  private intMembership(depth: number, scope: Scope | undefined): fc.Arbitrary<Piece> {
    const int = this.scalar('int', depth - 1, scope);
    const literal = literalOf({ kind: 'int' }, '', this.options);
    const list = fc.array(literal, { minLength: 1, maxLength: 3 }).map(listPiece);
    return infix(int, fc.constant('in'), list, 3);
  }

  private has(scope: Scope | undefined): fc.Arbitrary<Piece> | undefined {
    const fields = this.reading(() => true, scope, true);
    return fields?.map(({ guards }) => ({ text: `has(${guards.at(-1)})`, level: 7 }));
  }

  private logical(
    operator: string,
    level: number,
    depth: number,
    scope: Scope | undefined,
  ): fc.Arbitrary<Piece> {
    const operand = this.scalar('bool', depth - 1, scope);
    const pair = infix(operand, fc.constant(operator), operand, level, level);
    return choose([3, pair], [1, infix(pair, fc.constant(operator), operand, level, level)]);
  }

  private not(depth: number, scope: Scope | undefined): fc.Arbitrary<Piece> {
    return this.scalar('bool', depth - 1, scope).map((operand) => ({
      text: `!${bracketed(operand, 7)}`,
      level: 6,
    }));
  }

  private negation(depth: number, scope: Scope | undefined): fc.Arbitrary<Piece> {
    return this.scalar('int', depth - 1, scope).map((operand) => ({
      text: `-${bracketed(operand, 7)}`,
      level: 6,
    }));
  }

  private relation(
    operator: fc.Arbitrary<string>,
    kind: 'int' | 'bool',
    depth: number,
    scope: Scope | undefined,
  ): fc.Arbitrary<Piece> {
    const operand = this.scalar(kind, depth - 1, scope);
    return infix(operand, operator, operand, 3);
  }

  private arithmetic(depth: number, scope: Scope | undefined): fc.Arbitrary<Piece> {
    const operand = this.scalar('int', depth - 1, scope);
    return fc.oneof(
      infix(operand, fc.constantFrom('+', '-'), operand, 4),
      infix(operand, fc.constantFrom('*', '/', '%'), operand, 5),
    );
  }

  private size(scope: Scope | undefined): fc.Arbitrary<Piece> {
    const lists = this.reading((type) => type.kind === 'list', scope);
    if (lists === undefined) return fc.constant({ text: '[1, 2].size()', level: 7 });
    return fc.tuple(lists, fc.boolean()).map(([{ text }, method]) => ({
      text: method ? `${text}.size()` : `size(${text})`,
      level: 7,
    }));
  }

  private conditional(
    kind: ScalarType['kind'],
    depth: number,
    scope: Scope | undefined,
  ): fc.Arbitrary<Piece> {
    const branch = this.scalar(kind, depth - 1, scope);
    return fc
      .tuple(this.scalar('bool', depth - 1, scope), branch, branch)
      .map(([condition, then, otherwise]) => ({
        text: `${bracketed(condition, 1)} ? ${bracketed(then, 1)} : ${otherwise.text}`,
        level: 0,
      }));
  }

  private quantifier(depth: number): fc.Arbitrary<Piece> {
    const lists = this.reading((type) => type.kind === 'list', undefined);
    const literal = fc
      .array(interestingInts, { minLength: 1, maxLength: 4 })
      .map((members) => listPiece(members.map(intPiece)).text)
      .map(
        (text): Reference => ({ path: '', text, type: { kind: 'list', of: { kind: 'int' } }, guards: [] }),
      );
    const range = lists === undefined ? literal : choose([1, literal], [6, lists]);
    return fc.tuple(range, fc.constantFrom('all', 'exists', 'exists_one')).chain(([list, macro]) => {
      const scope = this.scopeOf(list);
      const body = this.scalar('bool', depth - 1, scope);
      return body.map(({ text }) => ({
        text: `${list.text}.${macro}(${scope.element.text}, ${text})`,
        level: 7,
      }));
    });
  }

  private scopeOf(list: Reference): Scope {
    const names = ['x', 'item', 'e1'].filter((name) => !(name in this.environment));
    const text = names[list.path.length % 2] ?? 'element_of_list';
    const type = (list.type as ListType).of;
    const path = `${list.path}[]`;
    return { path, element: { path, text, type, guards: [] } };
  }

  /** References of a type, those of the element first and often; with `guarded`, those that can be absent only. */
  private reading(
    accepts: (type: CelType) => boolean,
    scope: Scope | undefined,
    guarded = false,
  ): fc.Arbitrary<Reference> | undefined {
    const fits = ({ type, guards }: Reference) => accepts(type) && (!guarded || guards.length > 0);
    const outer = this.references.filter(fits);
    const inner =
      scope === undefined
        ? []
        : referencesIn(scope.element.path, scope.element.text, scope.element.type, []).filter(fits);
    const outerChoice = outer.length === 0 ? undefined : this.weighted(outer);
    const innerChoice = inner.length === 0 ? undefined : this.weighted(inner);
    if (outerChoice === undefined || innerChoice === undefined) return innerChoice ?? outerChoice;
    return choose([3, innerChoice], [1, outerChoice]);
  }

  private weighted(references: readonly Reference[]): fc.Arbitrary<Reference> {
    return choose(
      ...references.map(
        (reference) => [Math.max(1, this.weightOf(reference.path)), fc.constant(reference)] as const,
      ),
    );
  }

  private weightOf(path: string): number {
    return this.options.weightOf?.(path) ?? 1;
  }
}

/** Everything that can be read from `text` on, itself included. */
function referencesIn(path: string, text: string, type: CelType, guards: readonly string[]): Reference[] {
  const itself: Reference = { path, text, type, guards };
  if (type.kind !== 'struct') return [itself];
  return [itself, ...fieldsIn(path, text, type, guards)];
}

function fieldsIn(path: string, text: string, struct: StructType, guards: readonly string[]): Reference[] {
  return Object.entries(struct.fields).flatMap(([name, field]) => {
    if (!isReadable(field)) return [];
    const inner = `${text}.${name}`;
    return referencesIn(`${path}.${name}`, inner, field.type, field.optional ? [...guards, inner] : guards);
  });
}

function readPiece({ text }: Reference): Piece {
  return { text, level: 7 };
}
