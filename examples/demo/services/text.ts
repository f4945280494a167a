/** Reading English text without a model: sentences, words, what a text is about. */

const stopWords = new Set(
  (
    'a about after all also an and any are as at be been before but by can could did do does for from had has have he her him his ' +
    'how i if in into is it its just like may me more most my no not of on one only or other our out over she should so some such ' +
    'than that the their them then there these they this to under up was we were what when where which who will with would you your'
  ).split(' '),
);

/** Sentences in order. A full stop ends one only before white space and a capital, a digit or a quote. */
export function sentencesOf(text: string): string[] {
  return text
    .replace(/\s+/g, ' ')
    .split(/(?<=[.!?])\s+(?=["'A-Z0-9])/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}[\p{L}\p{N}'-]*/gu) ?? [];
}

/** Words that carry meaning, with how often they occur; most frequent first, then by code point. */
export function topicsOf(text: string): { readonly word: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) {
    if (word.length > 2 && !stopWords.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .map(([word, count]) => ({ word, count }))
    .sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
}

/** Syllables of an English word, by its groups of vowels. */
function syllablesOf(word: string): number {
  const groups = word.replace(/e$/, '').match(/[aeiouy]+/g)?.length ?? 0;
  return Math.max(1, groups);
}

/** Flesch reading ease (Flesch 1948): 206.835 − 1.015·words/sentences − 84.6·syllables/words, one decimal; 0 for no words. */
export function readingEase(text: string): number {
  const words = wordsOf(text);
  if (words.length === 0) return 0;
  const sentences = Math.max(1, sentencesOf(text).length);
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  const ease = 206.835 - (1.015 * words.length) / sentences - (84.6 * syllables) / words.length;
  return Math.round(ease * 10) / 10;
}

/** Tokens as a rough count: four characters each, at least one a word. */
export function tokensOf(text: string): number {
  return Math.max(Math.ceil(text.length / 4), wordsOf(text).length);
}
