// Numbers, times and values as people read them.

const NUMBER = new Intl.NumberFormat("en-US");
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

export const count = (n) => NUMBER.format(n);
export const short = (n) => (n < 10000 ? NUMBER.format(n) : SHORT.format(n));
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export function instant(text, zone = "UTC") {
  const moment = new Date(text);
  if (Number.isNaN(moment.valueOf())) return text;
  const parts = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: zone }).format(moment);
  return parts.endsWith("00:00") ? parts.slice(0, 10) : parts;
}

export function moment(text) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "UTC" }).format(new Date(text));
}

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

export const aligned = (type) => (type === "NUMBER" ? "right" : "left");
