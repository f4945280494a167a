/**
 * Every code that reading a document can report, apart from those of `readJson` (`json_*`). Closed: a new one is a new row.
 * A `Problem` never repeats a value of the document, only names, so that a secret in the wrong place is not spread further.
 */
export const problemCodes = {
  // YAML as text
  yaml_too_large: 'the text is too long',
  yaml_too_deep: 'too many levels are nested',
  yaml_too_many_values: 'too many values',
  yaml_control_character: 'a control character, or half of a surrogate pair',
  yaml_anchor: 'an anchor',
  yaml_alias: 'an alias',
  yaml_tag: 'a tag',
  yaml_merge_key: 'a merge key',
  yaml_directive: 'a directive',
  yaml_documents: 'more than one document',
  yaml_key: 'a key that is not a text on one line',
  yaml_duplicate_key: 'a name that occurs twice in its mapping',
  yaml_number: 'a number that JSON would not write so',
  yaml_number_range: 'a number beyond the range of a double',
  yaml_syntax: 'not YAML',
  // Shape
  type_wrong: 'a value of another type',
  field_missing: 'a field that is needed is absent',
  field_unknown: 'a field that nobody reads',
  operator_wrong: 'a guarantee with an operator that is not its own',
  value_not_allowed: 'a value outside its list',
  format_wrong: 'a text of the wrong form',
  name_wrong: 'a name of the wrong form',
  length_wrong: 'too many or too few characters',
  count_wrong: 'too many or too few items or fields',
  number_out_of_range: 'a number that is too small or too large',
  number_too_fine: 'a number with more decimal places than are kept',
  source_missing: 'a figure of a third party without where and when it was read',
  key_wrong: 'a public key that is none, or has another hash than it says',
  secret_not_a_reference: 'a secret where a reference to one belongs',
  // Between fields
  range_reversed: 'an end before its start',
  duplicate_id: 'one id twice in a list',
  weights_sum: 'weights that do not sum to one',
  successes_exceed_trials: 'more successes than trials',
  document_too_large: 'more canonical bytes than the calculus admits',
} as const satisfies Readonly<Record<string, string>>;

export type ProblemCode = keyof typeof problemCodes;
