import { useState } from "preact/hooks";
import { post } from "./api.js";
import { useAsked } from "./asked.js";
import { Dialog } from "./dialog.jsx";
import { plural } from "./telling.js";

/** Put what is selected into a Collection: a new one, or one that is there. */
export function CollectDialog({ rows, size, relation, all, close, done }) {
  const known = useAsked("/api/collections", {});
  const there = (known.value?.collections ?? []).filter((each) => each.kind === "static" && each.relation === relation.name);
  const [into, setInto] = useState("new");
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const [live, setLive] = useState(false);
  const [chosen, setChosen] = useState("");
  const [working, setWorking] = useState(false);
  const [error, setError] = useState(null);
  const many = plural(size, relation.singular);
  const target = chosen || there[0]?.id;
  const submit = async (event) => {
    event.preventDefault();
    setWorking(true);
    setError(null);
    try {
      const made = into === "new"
        ? await post("/api/collections", { title, description, live: all && live, rows })
        : await post(`/api/collections/${encodeURIComponent(target)}/${into}`, { rows });
      done(made, into === "new" ? made.members : made.changes.at(-1)?.members, into === "remove" ? "removed" : "added");
    } catch (problem) {
      setError(problem);
      setWorking(false);
    }
  };
  return (
    <Dialog title={into === "remove" ? `Take ${many} out of a Collection` : `Add ${many} to a Collection`} close={close}>
      <form class="fields" onSubmit={submit}>
        <div class="segments" role="group" aria-label="Which Collection">
          <button type="button" aria-pressed={into === "new"} onClick={() => setInto("new")}>New Collection</button>
          <button type="button" aria-pressed={into === "add"} disabled={there.length === 0} onClick={() => setInto("add")}>Existing</button>
          <button type="button" aria-pressed={into === "remove"} disabled={there.length === 0} onClick={() => setInto("remove")}>Take out of</button>
        </div>
        {into === "new" ? (
          <>
            <label>Title
              <input id="collection-title" value={title} required maxlength="200" autofocus autocomplete="off" onInput={(event) => setTitle(event.target.value)} />
            </label>
            <p class="quiet">The title becomes a tag of every selected {relation.singular}.</p>
            <label>Description
              <textarea rows="3" value={description} onInput={(event) => setDescription(event.target.value)} />
            </label>
            {all && (
              <label class="check plain"><input type="checkbox" checked={live} onChange={(event) => setLive(event.target.checked)} /> Live: after each sync, it is what matches then</label>
            )}
          </>
        ) : (
          <label>Collection
            <select value={target} onChange={(event) => setChosen(event.target.value)}>
              {there.map((each) => <option key={each.id} value={each.id}>{each.title} ({each.members})</option>)}
            </select>
          </label>
        )}
        {error && <p class="bad" role="alert">{error.message}{error.hint ? ` · ${error.hint}` : ""}</p>}
        <p class="actions">
          <button type="submit" class="primary" disabled={working || (into === "new" && title.trim() === "")}>{{ new: "Create", add: "Add", remove: "Take out" }[into]}</button>
          <button type="button" onClick={close}>Cancel</button>
        </p>
      </form>
    </Dialog>
  );
}
