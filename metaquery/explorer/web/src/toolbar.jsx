import { useState } from "preact/hooks";
import { names } from "./address.jsx";
import { addressOf } from "./api.js";
import { useAsked } from "./asked.js";
import { Popover } from "./menu.jsx";
import { splitOrder } from "./table.jsx";

/** How the rows are shown: table or grid, order, columns, pictures; and the view as a file or a link. */
export function Toolbar({ place, view, relation, downloads, go, source, facets, showFacets }) {
  return (
    <div class="toolbar" role="toolbar" aria-label="How rows are shown">
      <button type="button" class="only-narrow" aria-expanded={facets} aria-controls="facets" onClick={() => showFacets(!facets)}>Facets</button>
      <div class="segments" role="group" aria-label="Layout">
        <button type="button" aria-pressed={place.layout !== "grid"} onClick={() => go({ layout: "" })}>Table</button>
        <button type="button" aria-pressed={place.layout === "grid"} onClick={() => go({ layout: "grid" })}>Grid</button>
      </div>
      <Order place={place} relation={relation} go={go} />
      <Popover label="Columns" align="left">{() => <Columns place={place} view={view} relation={relation} go={go} />}</Popover>
      {source && (
        <label class="check" title={source.from === "server" ? "Each picture is fetched from Encord, through this machine" : "From files of this machine"}>
          <input type="checkbox" checked={place.pictures !== ""} onChange={({ target }) => go(target.checked ? { pictures: "1", layout: "grid" } : { pictures: "" })} /> Pictures
        </label>
      )}
      <span class="spring" />
      <CopyLink />
      <Popover label="Download" align="right">
        {(close) => (
          <ul class="links">
            {downloads.map((format) => (
              <li key={format}><a download href={addressOf(`/${relation.name}.${format}`, { ...view, relation: "" })} onClick={close}>{format}</a></li>
            ))}
          </ul>
        )}
      </Popover>
    </div>
  );
}

function Order({ place, relation, go }) {
  const [by, way] = splitOrder(place.order);
  const known = relation.fields.some((field) => field.ref === by);
  return (
    <span class="order">
      <label><span class="quiet">Sort</span>{" "}
        <select aria-label="Sort" value={by} onChange={(event) => go({ order: event.target.value, at: "" })}>
          <option value="">as stored</option>
          {by && !known && <option value={by}>{by}</option>}
          {relation.fields.filter((field) => field.ref).map((field) => <option key={field.ref} value={field.ref}>{field.ref}</option>)}
        </select>
      </label>
      {by && (
        <button type="button" class="icon" aria-label={way === "desc" ? "Sort upwards" : "Sort downwards"} onClick={() => go({ order: way === "desc" ? by : `${by} desc`, at: "" })}>
          {way === "desc" ? "↓" : "↑"}
        </button>
      )}
    </span>
  );
}

/** What is shown unasked depends on the filter and the order: the rows say it. */
function Columns({ place, view, relation, go }) {
  const refs = relation.fields.filter((field) => field.ref);
  const asked = useAsked("/api/rows", { ...view, limit: 1 });
  const named = place.columns ? names(place.columns) : asked.before?.columns.map((column) => column.ref) ?? relation.shown;
  const chosen = asked.value?.columns.map((column) => column.ref) ?? named.filter((ref) => refs.some((field) => field.ref === ref));
  const [find, setFind] = useState("");
  const toggle = (ref) => {
    const next = chosen.includes(ref) ? chosen.filter((each) => each !== ref) : [...chosen, ref];
    go({ columns: next.join(",") });
  };
  return (
    <fieldset class="columns" aria-busy={asked.pending}>
      <legend class="hidden">Columns</legend>
      <input type="search" placeholder="Find a column" aria-label="Find a column" value={find} onInput={(event) => setFind(event.target.value)} />
      <div class="columns-list">
        {refs.filter((field) => field.ref.toLowerCase().includes(find.toLowerCase())).map((field) => (
          <label key={field.ref} class="check">
            <input type="checkbox" checked={chosen.includes(field.ref)} onChange={() => toggle(field.ref)} /> <span title={field.ref}>{field.ref}</span>{" "}
            <span class="type">{field.type.toLowerCase()}</span>
          </label>
        ))}
      </div>
      <button type="button" class="link" disabled={!place.columns} onClick={() => go({ columns: "" })}>The usual ones</button>
    </fieldset>
  );
}

function CopyLink() {
  const [copied, setCopied] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      setCopied("Copied");
    } catch {
      setCopied("It is in the address bar");  // the browser does not let pages copy
    }
    setTimeout(() => setCopied(""), 2000);
  };
  return <button type="button" onClick={copy}><span role="status">{copied || "Copy link"}</span></button>;
}
