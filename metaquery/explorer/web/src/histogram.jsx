import { useEffect, useRef, useState } from "preact/hooks";
import { count } from "./telling.js";

/** Bars of ranges: drag over them to choose a range, click one to toggle it; arrows and Shift do the same. */
export function Histogram({ facet, bins, toggle, brush, waiting }) {
  const [drag, setDrag] = useState(null);
  const [wasAt, setAt] = useState(0);
  const [wasOver, setOver] = useState(null);
  const at = Math.min(wasAt, bins.length - 1);  // another filter may have fewer bins
  const over = wasOver === null ? null : Math.min(wasOver, bins.length - 1);
  const element = useRef(null);
  const most = Math.max(1, ...bins.map((bin) => bin.rows));
  const within = (n) => drag && n >= Math.min(drag.from, drag.to) && n <= Math.max(drag.from, drag.to);
  const chosen = bins.some((bin) => bin.selected);
  const placed = (event) => {
    const { left, width } = element.current.getBoundingClientRect();
    return Math.min(bins.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * bins.length)));
  };
  const finish = (range) => {
    setDrag(null);
    const [from, to] = [Math.min(range.from, range.to), Math.max(range.from, range.to)];
    if (from === to) toggle(bins[from]);
    else brush(bins[from].value, bins[to].end);
  };
  useEffect(() => setDrag(null), [facet]);
  const pressed = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      const next = Math.min(bins.length - 1, Math.max(0, at + step));
      setAt(next);
      setOver(next);
      setDrag(event.shiftKey ? { from: drag?.from ?? at, to: next } : null);
      element.current.children[next].focus();
    } else if (event.key === "Enter" || event.key === " ") finish(drag ?? { from: at, to: at });
    else if (event.key === "Escape" && drag) setDrag(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const shown = bins[over ?? at];
  return (
    <div class="histogram">
      <div
        class="histogram-bars" ref={element} role="group" aria-label={`${facet.field}: ranges; Shift and arrows choose several`}
        onKeyDown={pressed}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.preventDefault();
          element.current.setPointerCapture(event.pointerId);
          const n = placed(event);
          setDrag({ from: n, to: n });
          setAt(n);
        }}
        onPointerMove={(event) => {
          const n = placed(event);
          setOver(n);
          if (drag && event.buttons) setDrag({ ...drag, to: n });
        }}
        onPointerUp={() => drag && finish(drag)}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setOver(null)}
      >
        {bins.map((bin, n) => (
          <button
            key={n} type="button" tabIndex={n === at ? 0 : -1} aria-pressed={bin.selected}
            class={within(n) || (!drag && bin.selected) ? "bin bin-in" : chosen || drag ? "bin bin-out" : "bin"}
            aria-label={waiting ? bin.label : `${bin.label}: ${count(bin.rows)}`} onFocus={() => { setAt(n); setOver(n); }} onBlur={() => setOver(null)}
          >
            <span class="bin-bar" style={{ height: `${bin.rows ? Math.max(4, (bin.rows / most) * 100) : 0}%` }} />
          </button>
        ))}
      </div>
      <div class="histogram-says quiet" aria-hidden="true">
        {drag && drag.from !== drag.to
          ? <span>{bins[Math.min(drag.from, drag.to)].label.split(" – ")[0]} – {bins[Math.max(drag.from, drag.to)].label.split(" – ").at(-1)}</span>
          : over === null
            ? <><span>{bins[0].label.split(" – ")[0]}</span><span>{bins.at(-1).label.split(" – ").at(-1)}</span></>
            : <><span>{shown.label}</span>{!waiting && <span>{count(shown.rows)}</span>}</>}
      </div>
    </div>
  );
}
