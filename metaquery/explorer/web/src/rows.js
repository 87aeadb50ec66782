// Pages of rows by offset: those that are seen are asked for, those that were passed by are given up.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { addressOf, get } from "./api.js";
import { told } from "./telling.js";

const PAGE = 100;
const KEPT = 80;
const APART_MS = 40;
const MEASURED = ["NUMBER", "DATETIME"];

/** Pages of one view; `digits` is how long the numbers and instants of each column are in those that came so far. */
class Pages {
  constructor(view, changed) {
    this.view = view;
    this.changed = changed;
    this.pages = new Map();
    this.asking = new Map();
    this.asked = -Infinity;
    this.head = null;
    this.error = null;
    this.digits = [];
  }

  /** Ask for the pages of some rows, and for no other any more: at once after a rest, else now and then on the way. */
  want(first, last) {
    this.first = Math.floor(first / PAGE);
    this.last = Math.floor(Math.max(first, last - 1) / PAGE);
    for (const [page, controller] of this.asking) {
      if (page < this.first || page > this.last) {
        controller.abort();
        this.asking.delete(page);
      }
    }
    clearTimeout(this.settled);
    const wait = this.asked + APART_MS - performance.now();
    if (wait > 0) this.settled = setTimeout(() => this.ask(), wait);
    else this.ask();
  }

  ask() {
    for (let page = this.first; page <= this.last; page += 1) {
      if (this.pages.has(page) || this.asking.has(page)) continue;
      const controller = new AbortController();
      this.asking.set(page, controller);
      this.asked = performance.now();
      get("/api/rows", { ...this.view, offset: page * PAGE, limit: PAGE }, controller.signal).then(
        (found) => this.take(page, found, controller),
        (error) => this.fail(page, error, controller),
      );
    }
  }

  take(page, found, controller) {
    if (controller.signal.aborted) return;
    this.asking.delete(page);
    this.head = found;
    this.error = null;
    this.pages.set(page, found);
    this.digits = found.columns.map(({ type }, n) => (MEASURED.includes(type) ? Math.max(this.digits[n] ?? 0, ...found.rows.map((row) => told(row[n], type).length)) : 0));
    for (const other of this.pages.keys()) {
      if (this.pages.size <= KEPT) break;
      if (other < this.first || other > this.last) this.pages.delete(other);
    }
    this.changed();
  }

  fail(page, error, controller) {
    if (controller.signal.aborted || error.name === "AbortError") return;
    this.asking.delete(page);
    this.error = error;
    this.changed();
  }

  at(index) {
    const page = this.pages.get(Math.floor(index / PAGE));
    const key = page?.keys[index % PAGE];
    return key ? { key, values: page.rows[index % PAGE] } : null;
  }

  close() {
    clearTimeout(this.settled);
    for (const controller of this.asking.values()) controller.abort();
    this.asking.clear();
  }
}

export function useRows(view) {
  const [, drawn] = useState(0);
  const open = useRef(null);
  const asked = addressOf("", view);
  const pages = useMemo(() => {
    open.current?.close();
    open.current = new Pages(view, () => drawn((n) => n + 1));
    return open.current;
  }, [asked]);
  useEffect(() => () => open.current.close(), []);
  return pages;
}
