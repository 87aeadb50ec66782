import { useEffect, useRef } from "preact/hooks";
import { useAsked } from "./asked.js";
import { Failure, Skeleton } from "./failure.jsx";
import { usePicture } from "./pictures.js";
import { Scene } from "./scene.jsx";
import { moment, plural, told } from "./telling.js";

const OWN = ["title", "dataset_title"];

/** All that is known of one data unit. */
export function Detail({ hash, snapshot, zone, close, pictures }) {
  const asked = useAsked(`/api/units/${encodeURIComponent(hash)}`, { snapshot });
  const pane = useRef(null);
  useEffect(() => pane.current.scrollTo(0, 0), [hash]);
  const unit = asked.value;
  return (
    <aside class="detail" ref={pane} aria-label="One data unit" tabIndex="-1">
      <header class="detail-head">
        <h2 title={unit?.title}>{unit ? unit.title : "…"}</h2>
        <button type="button" class="icon" aria-label="Close the details" onClick={close}>×</button>
      </header>
      {asked.error && <Failure error={asked.error} again={asked.again} />}
      {!unit && asked.slow && <Skeleton lines={10} label="Reading the unit" />}
      {unit && <Unit unit={unit} zone={zone} pictures={pictures} />}
    </aside>
  );
}

function Unit({ unit, zone, pictures }) {
  const { url } = usePicture(pictures && pictures.address(unit.data_hash));
  const tags = [...unit.collections, ...unit.tags];
  const misfits = unit.metadata.filter((each) => each.expected !== null);
  return (
    <div class="detail-inside">
      <p class="quiet">{unit.fields.dataset_title}{unit.gone && <> · <strong class="amber">gone from the newest snapshot</strong></>}</p>
      {(unit.boxes.length > 0 || url) && (
        <Scene boxes={unit.boxes} title={unit.title} width={unit.fields.width} height={unit.fields.height} url={url} />
      )}
      {unit.boxes.length > 0 && <p class="legend quiet"><span class="legend-labels" /> labels <span class="legend-predictions" /> predictions{unit.boxes[0].frame > 0 && ` · frame ${unit.boxes[0].frame}`}</p>}
      {tags.length > 0 && <p class="tags" aria-label="Tags">{tags.map((tag) => <span key={tag} class="tag">{tag}</span>)}</p>}
      <Part title="Metadata" many={unit.metadata.length} open>
        {unit.not_an_object !== null && <p class="bad">The client metadata is no object: <code>{unit.not_an_object}</code></p>}
        {misfits.length > 0 && <p class="amber">{plural(misfits.length, "value")} of another type than the key's, kept as it came.</p>}
        <dl class="values">
          {unit.metadata.map((each) => (
            <div key={each.key}>
              <dt>{each.key}</dt>
              {each.expected === null
                ? <dd>{each.type === "VECTOR" ? each.text : told(each.value, each.type, zone)}</dd>
                : <dd class="amber"><code>{each.text}</code> <span class="type">no {each.expected}</span></dd>}
            </div>
          ))}
        </dl>
        {unit.missing.length > 0 && <p class="quiet">Missing: {unit.missing.join(", ")}</p>}
      </Part>
      <Annotations title="Labels" rows={unit.labels} extra={(row) => row.annotator} />
      <Annotations title="Predictions" rows={unit.predictions} extra={(row) => [row.model, row.confidence].filter((each) => each !== undefined && each !== null).join(" · ")} />
      <Part title="Data unit" many={null}>
        <dl class="values">
          {Object.entries(unit.fields).filter(([name]) => !OWN.includes(name)).map(([name, value]) => (
            <div key={name}><dt>{name}</dt><dd>{told(value, name.endsWith("_at") ? "DATETIME" : "", zone)}</dd></div>
          ))}
        </dl>
      </Part>
      {unit.history.length > 0 && <History entries={unit.history} />}
    </div>
  );
}

function Part({ title, many, children, open = false }) {
  return (
    <details class="part" open={open}>
      <summary>{title}{many !== null && <span class="type"> {many}</span>}</summary>
      {children}
    </details>
  );
}

function Annotations({ title, rows, extra }) {
  if (rows.length === 0) return <p class="part quiet">No {title.toLowerCase()}</p>;
  return (
    <Part title={title} many={rows.length} open={rows.length <= 12}>
      <ul class="list">
        {rows.map((row) => (
          <li key={`${row.label_hash} ${row.annotation_id} ${row.frame}`}>
            <span>{row.class}{row.answer ? `: ${row.answer}` : ""}</span>
            <span class="quiet">{[row.shape?.replace("_", " "), row.frame > 0 && `frame ${row.frame}`, extra(row)].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

const CHANGES = { there: "was there before", added: "added", changed: "changed", removed: "removed", unreadable: "cannot be read" };

function History({ entries }) {
  return (
    <Part title="History" many={entries.length} open>
      <ul class="list">
        {entries.map((each) => (
          <li key={each.snapshot}>
            <span>{CHANGES[each.change]}</span><span class="quiet">{each.published && `${moment(each.published)} UTC`}</span>
            {each.fields.map((field) => (
              <span key={field.field} class="change"><span class="quiet">{field.field}:</span> <del>{field.before ?? "–"}</del> → <ins>{field.after ?? "–"}</ins></span>
            ))}
          </li>
        ))}
      </ul>
    </Part>
  );
}
