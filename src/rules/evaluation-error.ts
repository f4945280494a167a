/** Why an evaluation has no result. */
export type EvaluationErrorKind = 'absent_field' | 'division_by_zero' | 'integer_overflow';

/**
 * An error as a value. Every place that can err has one, made when the rule is compiled: raising it costs nothing at
 * run time. Which of several errors an evaluation yields is for explanations only; that it errs is what counts.
 */
export class EvaluationError {
  readonly kind: EvaluationErrorKind;
  /** What was absent, or the operator that failed. */
  readonly subject: string;
  /** Place in the source, UTF-16 units. */
  readonly offset: number;

  constructor(kind: EvaluationErrorKind, subject: string, offset: number) {
    this.kind = kind;
    this.subject = subject;
    this.offset = offset;
    Object.freeze(this);
  }
}
