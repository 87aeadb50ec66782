import { aligned, count, headings, told } from "./telling.js";

export const ROW_HEIGHT = 30;
const DIGITS = { NUMBER: 9, DATETIME: 8.4 };
const WIDTHS = { NUMBER: 96, BOOLEAN: 76, DATETIME: 148, POINT: 170, UUID: 200, LIST: 160, VECTOR: 200, ENUM: 110 };

export function Table({ pages, rows, at, total, seen, selection, act, zone, singular, place, go }) {
  const columns = pages.head.columns;
  const titles = headings(columns);
  const wanted = (n) => Math.max(Math.min(200, titles[n].length * 7 + 30), pages.digits[n] * (DIGITS[columns[n].type] ?? 0) + 20);  // a number that is cut is another number
  const widths = columns.map((column, n) => (n === 0 ? 208 : Math.max(WIDTHS[column.type] ?? 152, wanted(n))));
  const template = { gridTemplateColumns: `40px ${widths.map((width) => `minmax(${width}px, ${width}fr)`).join(" ")}` };
  const wide = 40 + widths.reduce((sum, width) => sum + width, 0);
  return (
    <div class="table" role="presentation" style={{ minWidth: `${wide}px` }}>
      <div class="table-head" role="rowgroup">
        <div class="table-row" role="row" aria-rowindex="1" style={template}>
          <span class="cell cell-mark" role="columnheader">
            <input type="checkbox" tabIndex="-1" checked={selection.all} aria-label={`Select all ${count(total)} matching`} title={`Select all ${count(total)} matching, not only those shown`}
              onClick={() => (selection.all ? selection.clear() : selection.selectAll())} />
          </span>
          {columns.map((column, n) => <Head key={titles[n]} column={column} title={titles[n]} order={place.order} go={go} />)}
        </div>
      </div>
      <div class="laid" role="rowgroup" style={{ height: `${seen.laid}px` }}>
        <div class="laid-seen" role="presentation" style={{ transform: `translateY(${seen.offset}px)` }}>
          {rows.map(({ index, row }) => (
            <Row key={index % rows.length} {...{ index, row, columns, template, zone, singular, act }} active={index === at}
              selected={row ? selection.has(row.key) : false} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Head({ column, title, order, go }) {
  const [by, way = "asc"] = splitOrder(order);
  const mine = by === column.ref;
  const next = !mine ? column.ref : way === "asc" ? `${column.ref} desc` : "";
  return (
    <span class={`cell align-${aligned(column.type)}`} role="columnheader" aria-sort={mine ? (way === "desc" ? "descending" : "ascending") : "none"}>
      {column.ref === null ? title : (
        <button type="button" class="sort" title={`Sort by ${title}`} onClick={() => go({ order: next, at: "" })}>
          <span>{title}</span><span class="sort-way" aria-hidden="true">{mine ? (way === "desc" ? "↓" : "↑") : ""}</span>
        </button>
      )}
    </span>
  );
}

export function splitOrder(order) {
  const first = order.trim();
  if (/ desc$/i.test(first)) return [first.slice(0, -5).trim(), "desc"];
  return [first.replace(/ asc$/i, ""), "asc"];
}

function Row({ index, row, columns, template, zone, singular, act, active, selected }) {
  const kind = `table-row${active ? " row-active" : ""}${selected ? " row-selected" : ""}`;
  return (
    <div id={`row-${index}`} class={kind} role="row" aria-rowindex={index + 2} aria-selected={selected} style={template} onClick={(event) => act.press(event, index, row)}>
      <span class="cell cell-mark" role="gridcell" onClick={(event) => act.mark(event, index, row)}>
        <input type="checkbox" tabIndex="-1" checked={selected} aria-label={`Select ${singular} ${count(index + 1)}`} onClick={(event) => act.mark(event, index, row)} />
      </span>
      {columns.map((column, n) => {
        const value = row ? row.values[n] : undefined;
        const text = told(value, column.type, zone);
        return (
          <span key={n} class={`cell align-${aligned(column.type)}`} role="gridcell" title={text.length > 16 ? text : undefined}>
            {row === null ? <span class="waiting" /> : value === null ? <span class="nothing" role="img" aria-label="no valid value">–</span> : text}
          </span>
        );
      })}
    </div>
  );
}
