import { useState } from "preact/hooks";
import { CollectDialog } from "./collect-dialog.jsx";
import { count, plural } from "./telling.js";

/** What is selected, in words, and what can be done with it. */
export function Ribbon({ selection, view, matched, relation, state, tell, go }) {
  const [collecting, setCollecting] = useState(false);
  const rows = () => {
    const { order, columns, ...which } = view;
    return selection.all ? { view: which } : { relation: relation.name, keys: selection.list(), snapshot: view.snapshot };
  };
  const done = (made, members, what) => {
    setCollecting(false);
    selection.clear();
    tell({
      message: `${made.title}: ${members === undefined ? "" : plural(members, relation.singular)} ${made.kind === "live" ? "match now" : what}`,
      action: { label: "Open the Collection", act: () => go({ page: "collections", id: made.id, at: "", unit: "" }) },
    });
  };
  return (
    <div class="ribbon" role="toolbar" aria-label="Selection">
      <span role="status">{selection.all ? `All ${count(matched)} matching selected` : `${count(selection.size)} selected`}</span>
      {!selection.all && (
        <button type="button" class="link" id="select-all" onClick={selection.selectAll}>
          Select all {count(matched)} matching, not only those shown here
        </button>
      )}
      <span class="spring" />
      <button type="button" class="primary" id="add-to-collection" disabled={state.read_only} title={state.read_only ? "This Explorer is read-only" : undefined} onClick={() => setCollecting(true)}>Add to a Collection</button>
      <button type="button" onClick={selection.clear}>Clear</button>
      {collecting && <CollectDialog rows={rows()} size={selection.size} all={selection.all} relation={relation} close={() => setCollecting(false)} done={done} />}
    </div>
  );
}
