/**
 * Instants are microseconds since 1970-01-01T00:00:00Z inside and RFC 3339 outside (calculus §1). Within ±(2^53 − 1) µs, so from
 * 1684 to 2255. Leap seconds have no place on this scale.
 */
const shape =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,64}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** Microseconds of an RFC 3339 instant (§5.6), exactly; `undefined` when it is none, finer than 1 µs, a leap second or out of range. */
export function parseTimestamp(text: string): number | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as DateParts;
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;

  const fraction = (match[7] ?? '').replace(/0+$/, '');
  if (fraction.length > 6) return undefined;
  const offsetHour = Number(match[9] ?? 0);
  const offsetMinute = Number(match[10] ?? 0);
  if (offsetHour > 23 || offsetMinute > 59) return undefined;
  const offset = (match[8] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute);

  const seconds = ((daysFromEpoch(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second;
  const micros = seconds * 1e6 + Number(fraction.padEnd(6, '0'));
  return Number.isSafeInteger(micros) ? micros : undefined;
}

/** RFC 3339 in UTC, with as many digits of fraction as are needed. `micros` is a safe integer. */
export function formatTimestamp(micros: number): string {
  const fraction = ((micros % 1e6) + 1e6) % 1e6;
  const whole = new Date((micros - fraction) / 1e3).toISOString().slice(0, 19);
  const digits = String(fraction).padStart(6, '0').replace(/0+$/, '');
  return `${whole}${digits === '' ? '' : `.${digits}`}Z`;
}

/** Whether a text is a day of the Gregorian calendar, YYYY-MM-DD. */
export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return match !== null && isDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

type DateParts = [number, number, number, number, number, number];

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const long = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (long[month - 1] ?? 0);
}

/** Days since 1970-01-01 of a day of the proleptic Gregorian calendar, counted in years that start in March. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
