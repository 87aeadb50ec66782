// Which rows of a long list are seen. Browsers lay nothing out beyond some 30 million pixels, so a longer list is scaled:
// the bar moves through all of it, while small movements stay movements by pixels.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const TALLEST = 15_000_000;
const OVERSCAN = 6;

/**
 * Draw the rows from `first` to `last` of so many, each so high.
 *
 * It begins at `start`, and again where there is another number of rows, or they are `about` something else; `rested`
 * is called with the first row that is seen, some time after the last movement.
 */
export function useWindow({ rows, height, start, about, rested }) {
  const box = useRef(null);
  const place = useRef({ top: 0, bar: 0 });
  const [seen, setSeen] = useState({ top: 0, bar: 0, tall: 600, wide: 0 });
  const whole = rows * height;
  const laid = Math.min(whole, TALLEST);
  const measures = useRef();
  measures.current = { whole, laid, rested };

  const show = () => {
    const element = box.current;
    if (element) setSeen({ ...place.current, tall: element.clientHeight, wide: element.clientWidth });
  };
  const toTop = (top) => {
    const element = box.current;
    if (!element) return;
    const { whole: all, laid: bar } = measures.current;
    const room = Math.max(0, all - element.clientHeight);
    const wanted = Math.min(Math.max(0, top), room);
    const scale = all > bar ? (bar - element.clientHeight) / room : 1;
    element.scrollTop = wanted * scale;
    place.current = { top: wanted, bar: element.scrollTop };
    show();
  };

  useEffect(() => {
    const element = box.current;
    let resting;
    let frame;
    const moved = () => {
      const { whole: all, laid: bar } = measures.current;
      const now = element.scrollTop;
      const room = Math.max(1, bar - element.clientHeight);
      const step = now - place.current.bar;
      const near = all > bar && Math.abs(step) < element.clientHeight && now > 0 && now < room - 1;
      const top = all <= bar ? now : near ? place.current.top + step : (now / room) * (all - element.clientHeight);
      place.current = { top: Math.min(Math.max(0, top), Math.max(0, all - element.clientHeight)), bar: now };
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(show);
      clearTimeout(resting);
      resting = setTimeout(() => measures.current.rested?.(Math.floor(place.current.top / height)), 300);
    };
    const sized = new ResizeObserver(show);
    sized.observe(element);
    element.addEventListener("scroll", moved, { passive: true });
    return () => {
      clearTimeout(resting);
      cancelAnimationFrame(frame);
      sized.disconnect();
      element.removeEventListener("scroll", moved);
    };
  }, [height]);
  useLayoutEffect(() => toTop(start * height), [rows, height, about]);

  const first = Math.max(0, Math.floor(seen.top / height) - OVERSCAN);
  const last = Math.min(rows, Math.ceil((seen.top + seen.tall) / height) + OVERSCAN);
  return {
    box,
    first,
    last,
    laid,
    wide: seen.wide,
    /** Where the first drawn row lies in what is laid out. */
    offset: seen.bar - (seen.top - first * height),
    page: Math.max(1, Math.floor(seen.tall / height) - 2),
    reveal(row, above = 0) {
      const { top } = place.current;
      const tall = box.current?.clientHeight ?? 0;
      if (row * height < top) toTop(row * height);
      else if ((row + 1) * height + above > top + tall) toTop((row + 1) * height + above - tall);
    },
  };
}
