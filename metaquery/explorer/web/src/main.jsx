import { render } from "preact";
import { App } from "./app.jsx";
import { Guarded } from "./failure.jsx";

render(<Guarded><App /></Guarded>, document.getElementById("app"));
