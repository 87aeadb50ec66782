import { useState } from "preact/hooks";
import { post } from "./api.js";
import { Popover } from "./menu.jsx";

/** Filters under a name: use one as `@name`, save the one that is applied, take one away. */
export function SavedFilters({ place, state, apply, changed }) {
  const mine = state.filters.filter((each) => each.relation === place.relation);
  return (
    <Popover label="@" title="Saved filters" kind="icon filter-saved" align="right">
      {(close) => (
        <div class="saved">
          {mine.length === 0 && <p class="quiet">No filter of {place.relation} is saved yet.</p>}
          <ul class="list">
            {mine.map((each) => (
              <li key={each.name}>
                <button type="button" class="link mono" title={each.text} onClick={() => { close(); apply(each.reference); }}>{each.reference}</button>
                {!state.read_only && <Delete filter={each} changed={changed} />}
                <code class="quiet saved-text">{each.text}</code>
              </li>
            ))}
          </ul>
          {!state.read_only && <Save place={place} changed={changed} />}
        </div>
      )}
    </Popover>
  );
}

function Save({ place, changed }) {
  const [name, setName] = useState("");
  const [error, setError] = useState(null);
  const empty = place.filter.trim() === "";
  const submit = async (event) => {
    event.preventDefault();
    setError(null);
    try {
      await post("/api/filters", { name, filter: place.filter, relation: place.relation, replacing: error?.taken === name });
      setName("");
      changed();
    } catch (problem) {
      setError({ problem, taken: problem.status === 409 ? name : null });
    }
  };
  return (
    <form class="fields" onSubmit={submit}>
      <label>Save the filter that is applied as
        <input value={name} required placeholder="night" autocomplete="off" disabled={empty} onInput={(event) => setName(event.target.value)} />
      </label>
      {empty && <p class="quiet">Apply a filter first.</p>}
      {error && <p class="bad" role="alert">{error.problem.message}{error.problem.hint && <span class="quiet"> · {error.problem.hint}</span>}</p>}
      <p class="actions"><button type="submit" disabled={empty || name.trim() === ""}>{error?.taken === name ? "Replace it" : "Save"}</button></p>
    </form>
  );
}

function Delete({ filter, changed }) {
  const [error, setError] = useState(null);
  const remove = async () => {
    try {
      await post("/api/filters/delete", { name: filter.name, relation: filter.relation });
      changed();
    } catch (problem) {
      setError(problem);
    }
  };
  return error ? <span class="bad">{error.message}</span> : <button type="button" class="link" aria-label={`Delete the saved filter ${filter.name}`} onClick={remove}>delete</button>;
}
