import { count } from "./telling.js";

/** What is selected, in words, and what can be done with it. */
export function Ribbon({ selection, matched, relation, state }) {
  const all = selection.all || selection.size === matched;
  return (
    <div class="ribbon" role="toolbar" aria-label="Selection">
      <span role="status">{all ? `All ${count(matched)} matching selected` : `${count(selection.size)} selected`}</span>
      {!all && (
        <button type="button" class="link" onClick={selection.selectAll} title="Not only those that are shown">
          Select all {count(matched)} matching, not only those shown
        </button>
      )}
      <span class="spring" />
      <button type="button" class="link" onClick={selection.clear}>Clear</button>
    </div>
  );
}
