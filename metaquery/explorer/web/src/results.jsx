import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useBack, useLatest } from "./asked.js";
import { Card, CARD_WIDTH, cardHeight } from "./card.jsx";
import { Failure, Skeleton } from "./failure.jsx";
import { useBoxes } from "./pictures.js";
import { useRows } from "./rows.js";
import { Table, ROW_HEIGHT } from "./table.jsx";
import { useWindow } from "./window.js";

/** All rows of the view, of which those in sight are drawn: as a table, or as a grid of cards. */
export function Results({ place, view, total, singular, zone, selection, go, open, pictures }) {
  const pages = useRows(view);
  const [at, setAt] = useState(0);
  const inGrid = place.layout === "grid";
  const [across, setAcross] = useState(1);
  const each = inGrid ? across : 1;
  const height = inGrid ? cardHeight(pictures) : ROW_HEIGHT;
  const seen = useWindow({
    rows: Math.ceil(total / each), height, start: Math.floor((Number(place.at) || 0) / each),
    about: pages,
    rested: (row) => go({ at: String(row * each) }, { replace: true }),
  });
  useEffect(() => setAcross(Math.max(1, Math.floor((seen.wide - 8) / CARD_WIDTH))), [seen.wide]);
  const [first, last] = [seen.first * each, Math.min(total, seen.last * each)];
  useLayoutEffect(() => { if (total > 0) pages.want(first, last); }, [pages, first, last, total]);
  useEffect(() => setAt(0), [pages]);
  const again = useLatest(() => pages.want(first, last));
  useBack(pages.error, again);
  const slow = useSlow(!pages.head && !pages.error);

  const walked = useRef(true);  // whether a range by Shift begins where the walk has led, or goes on from its anchor
  const move = (to, extend) => {
    const next = Math.min(total - 1, Math.max(0, to));
    setAt(next);
    seen.reveal(Math.floor(next / each), inGrid ? 0 : ROW_HEIGHT);
    if (extend) selection.range(next, { begin: at, afresh: walked.current });
    walked.current = !extend;
  };
  const toggle = (index, row) => {
    selection.toggle(index, row.key);
    walked.current = false;
  };
  const steps = {
    ArrowDown: each, ArrowUp: -each, PageDown: seen.page * each, PageUp: -seen.page * each, Home: -total, End: total,
    ...(inGrid ? { ArrowRight: 1, ArrowLeft: -1 } : {}),
  };
  const pressed = (event) => {
    if (event.key === "a" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      selection.selectAll();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const row = pages.at(at);
    if (event.key in steps) move(at + steps[event.key], event.shiftKey);
    else if ((event.key === "x" || event.key === " ") && row) toggle(at, row);
    else if (event.key === "Enter" && row) open(row.key[0]);
    else return;
    event.preventDefault();
  };
  const rows = [];
  for (let index = first; index < last; index += 1) rows.push({ index, row: pages.at(index) });
  const boxes = useBoxes(rows.filter(({ row }) => row).map(({ row }) => row.key[0]), view.snapshot, Boolean(pictures && inGrid && pages.head));
  const act = {
    press(event, index, row) {
      setAt(index);
      if (!row) return;
      if (event.shiftKey) selection.range(index);
      else if (event.metaKey || event.ctrlKey) toggle(index, row);
      else {
        walked.current = true;
        open(row.key[0]);
      }
    },
    mark(event, index, row) {
      event.stopPropagation();
      setAt(index);
      if (!row) return;
      if (event.shiftKey) selection.range(index);
      else toggle(index, row);
    },
  };
  // What was there stays while its successor is fetched, until the wait is long enough to be shown.
  const drawn = useRef(null);
  const shared = { pages, rows, at, total, seen, selection, act, zone, singular, place, go, pictures, boxes };
  if (pages.head) drawn.current = inGrid ? <Grid {...shared} across={across} height={height} /> : <Table {...shared} />;
  return (
    <div
      class="results" id="results" ref={seen.box} tabIndex="0" role="grid" aria-label={`Rows: each a ${singular}`} aria-multiselectable="true"
      aria-rowcount={total + 1} aria-busy={!pages.head && !pages.error} aria-activedescendant={pages.at(at) ? `row-${at}` : undefined}
      onKeyDown={pressed}
    >
      {pages.error && <Refused error={pages.error} again={again} place={place} go={go} />}
      {!pages.error && (pages.head || !slow ? drawn.current : <Skeleton lines={14} label="Reading rows" />)}
    </div>
  );
}

/** The filter is good, or nothing would be counted: what cannot be read is a name of the order or of the columns. */
function Refused({ error, again, place, go }) {
  const named = error.status === 400 && (place.order !== "" || place.columns !== "");
  const usual = <button type="button" onClick={() => go({ order: "", columns: "" })}>Show the usual columns, as stored</button>;
  return <Failure error={named ? { ...error, message: `${error.message}, in the order or the columns` } : error} again={named ? null : again} actions={named && usual} />;
}

function Grid({ pages, rows, at, total, seen, selection, act, zone, singular, across, height, pictures, boxes }) {
  const lines = [];
  for (let n = 0; n < rows.length; n += across) lines.push(rows.slice(n, n + across));
  return (
    <div class="laid" role="rowgroup" style={{ height: `${seen.laid}px` }}>
      <div class="laid-seen" role="presentation" style={{ transform: `translateY(${seen.offset}px)` }}>
        {lines.map((line) => (
          <div key={line[0].index} class="cards" role="row" aria-rowindex={line[0].index / across + 2} style={{ height: `${height}px`, gridTemplateColumns: `repeat(${across}, 1fr)` }}>
            {line.map(({ index, row }) => (
              <Card key={index} index={index} row={row} columns={pages.head.columns} active={index === at} zone={zone}
                singular={singular} selected={row ? selection.has(row.key) : false} act={act} pictures={pictures} boxes={row && boxes[row.key[0]]} names={pages.head.key} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function useSlow(waiting) {
  const [slow, setSlow] = useState(false);
  const timer = useRef(null);
  useEffect(() => {
    setSlow(false);
    if (waiting) timer.current = setTimeout(() => setSlow(true), 150);
    return () => clearTimeout(timer.current);
  }, [waiting]);
  return slow;
}
