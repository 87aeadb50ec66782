// Numbers, times and values as people read them.

const NUMBER = new Intl.NumberFormat("en-US");
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

export const count = (n) => NUMBER.format(n);
export const short = (n) => (n < 10000 ? NUMBER.format(n) : SHORT.format(n));
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** An instant on the clock of a zone: a day where it begins one, and seconds, and parts of them, where it has some. */
export function instant(text, zone = "UTC") {
  const moment = new Date(text);
  if (Number.isNaN(moment.valueOf())) return text;
  const read = clock(zone);
  if (read === null) return text;  // which says its own zone
  const parts = Object.fromEntries(read.formatToParts(moment).map(({ type, value }) => [type, value]));
  const year = parts.era.startsWith("B") ? `${1 - Number(parts.year)}` : parts.year.padStart(4, "0");
  const day = `${year}-${parts.month}-${parts.day}`;
  const fraction = (/\.(\d*?)0*(?:Z|[+-]|$)/.exec(text)?.[1] ?? "").replace(/^(.+)$/, ".$1");  // a Date has milliseconds alone
  const seconds = parts.second === "00" && fraction === "" ? "" : `:${parts.second}${fraction}`;
  const time = `${parts.hour}:${parts.minute}${seconds}`;
  return time === "00:00" ? day : `${day} ${time}`;
}

const CLOCKS = new Map();

/** What reads the clock of a zone; null for one that the browser does not know. */
function clock(timeZone) {
  if (!CLOCKS.has(timeZone)) {
    const numbers = Object.fromEntries(["month", "day", "hour", "minute", "second"].map((name) => [name, "2-digit"]));
    let found = null;
    try {
      found = new Intl.DateTimeFormat("en-US", { ...numbers, year: "numeric", era: "short", hourCycle: "h23", timeZone });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    CLOCKS.set(timeZone, found);
  }
  return CLOCKS.get(timeZone);
}

/** When something was done here, in UTC, which is said beside it. */
export function moment(text) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "UTC" }).format(new Date(text));
}

/** How many seconds ago a snapshot was published, now; a page stays open for days. */
export const age = ({ created_at }) => (Date.now() - Date.parse(created_at)) / 1000;

export function ago(seconds) {
  const steps = [[60, "s"], [60, "min"], [24, "h"], [Infinity, "d"]];
  let left = Math.max(0, Math.round(seconds));
  for (const [size, unit] of steps) {
    if (left < size) return `${left} ${unit}`;
    left = Math.round(left / size);
  }
  return "";
}

export function told(value, type, zone) {
  if (value === null || value === undefined) return "";
  if (type === "DATETIME") return instant(value, zone);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (Array.isArray(value)) return value.map((each) => told(each)).join(", ");
  if (typeof value === "object") {
    return "latitude" in value ? `${value.latitude}, ${value.longitude}` : JSON.stringify(value);
  }
  return String(value);
}

/** The names of columns, with their qualifier where two have one name. */
export function headings(columns) {
  const names = columns.map(({ name }) => name);
  return columns.map(({ name, ref, qualifier }) => (names.filter((each) => each === name).length > 1 ? (ref ?? `${qualifier}.${name}`) : name));
}

export const aligned = (type) => (type === "NUMBER" ? "right" : "left");
