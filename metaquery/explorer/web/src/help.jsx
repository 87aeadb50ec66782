import { Dialog } from "./dialog.jsx";

const KEYS = [
  ["/", "go to the filter"],
  ["Enter", "in the filter: apply it; on a row: show all of it"],
  ["Tab", "in the filter: take the completion; Ctrl + Space shows them"],
  ["↑ ↓ PgUp PgDn Home End", "move through the rows"],
  ["x", "select the row, or not any more"],
  ["Shift + ↓", "select from one row to another"],
  ["Ctrl + A", "in the rows: select all that match"],
  ["c", "add what is selected to a Collection"],
  ["← → Shift Enter", "in a histogram: move; with Shift, choose a range; apply it"],
  ["Esc", "close, undo typing, clear the selection"],
  ["?", "this help"],
];

const EXAMPLES = [
  ["dark = true and city in ('Oslo', 'Rome')", "both have to hold"],
  ["speed >= 80 or weather = 'fog'", "one has to hold"],
  ["captured_at between 2023-03 and 2023-06", "months, days or instants, ends included"],
  ["city like 'B%' and not dark", "texts by pattern"],
  ["speed is missing or speed is invalid", "what has no good value"],
];

export function Help({ close }) {
  return (
    <Dialog title="Keys and the language" close={close} wide>
      <dl class="keys">{KEYS.map(([key, does]) => <div key={key}><dt>{key.split(" ").map((each, n) => (each === "+" ? " + " : <kbd key={n}>{each}</kbd>))}</dt><dd>{does}</dd></div>)}</dl>
      <h3>Filters</h3>
      <dl class="examples">{EXAMPLES.map(([text, says]) => <div key={text}><dt><code>{text}</code></dt><dd>{says}</dd></div>)}</dl>
      <p class="quiet">Clicking in the facets writes the filter; what you write moves the facets. The address of this page holds all of it: copy it, reload it, go back.</p>
    </Dialog>
  );
}
