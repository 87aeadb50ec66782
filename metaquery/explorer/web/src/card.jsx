import { Picture } from "./picture.jsx";
import { headings, told } from "./telling.js";

export const CARD_WIDTH = 190;
export const cardHeight = (pictures) => (pictures ? 220 : 140);

export function Card({ index, row, columns, active, selected, zone, singular, act, pictures, boxes, names }) {
  const kind = `card${active ? " card-active" : ""}${selected ? " card-selected" : ""}`;
  const titles = headings(columns);
  const title = row ? told(row.values[0], columns[0].type, zone) : "";
  const annotation = row?.key[names.indexOf("annotation_id")];
  const own = annotation === undefined ? undefined : { annotation, frame: row.key[names.indexOf("frame")] };
  return (
    <div id={`row-${index}`} class="card-cell" role="gridcell" aria-selected={selected} onClick={(event) => act.press(event, index, row)}>
      <div class={kind}>
        {pictures && <Picture hash={row?.key[0]} title={title} pictures={pictures} boxes={boxes} own={own} />}
        <div class="card-head">
          <input type="checkbox" tabIndex="-1" checked={selected} aria-label={`Select ${singular} ${title}`} onClick={(event) => act.mark(event, index, row)} />
          <span class="card-title" title={title}>{row ? title : <span class="waiting" />}</span>
        </div>
        <dl class="card-values">
          {row && columns.slice(1, pictures ? 4 : 6).map((column, n) => (
            <div key={titles[n + 1]}><dt>{titles[n + 1]}</dt><dd>{row.values[n + 1] === null ? "–" : told(row.values[n + 1], column.type, zone)}</dd></div>
          ))}
        </dl>
      </div>
    </div>
  );
}
