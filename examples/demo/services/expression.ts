/** Deeper parentheses are refused. */
const maxDepth = 64;

/**
 * The value of an arithmetic expression: + - * / ^ and parentheses over decimal numbers, ^ to the right and before a sign in
 * front (-2^2 is -4). undefined when it is none, or when the value is not finite.
 */
export function evaluate(text: string): number | undefined {
  const tokens = text.match(/\d+(?:\.\d+)?|[-+*/^()]|\S/g) ?? [];
  let at = 0;
  const take = (...wanted: string[]): string | undefined => {
    const token = tokens[at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    at += 1;
    return token;
  };

  function sum(depth: number): number {
    let value = product(depth);
    for (let sign = take('+', '-'); sign !== undefined; sign = take('+', '-')) {
      value = sign === '+' ? value + product(depth) : value - product(depth);
    }
    return value;
  }

  function product(depth: number): number {
    let value = signed(depth);
    for (let sign = take('*', '/'); sign !== undefined; sign = take('*', '/')) {
      value = sign === '*' ? value * signed(depth) : value / signed(depth);
    }
    return value;
  }

  function signed(depth: number): number {
    if (depth > maxDepth) return Number.NaN;
    if (take('-') !== undefined) return -signed(depth + 1);
    const base = atom(depth);
    return take('^') === undefined ? base : base ** signed(depth + 1);
  }

  function atom(depth: number): number {
    if (take('(') !== undefined) {
      const value = sum(depth + 1);
      return take(')') === undefined ? Number.NaN : value;
    }
    const token = tokens[at];
    if (token === undefined || !/^\d/.test(token)) return Number.NaN;
    at += 1;
    return Number(token);
  }

  const value = sum(0);
  return at === tokens.length && Number.isFinite(value) ? value : undefined;
}
