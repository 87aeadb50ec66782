import { useState } from "preact/hooks";

/** The picture of a data unit, with boxes drawn over it; asked for only where pictures are on. */
export function Picture({ hash, title, pictures, boxes = [] }) {
  const [state, setState] = useState("waiting");
  return (
    <div class={`picture picture-${state}`}>
      {hash && state !== "failed" && (
        <img src={pictures.address(hash)} alt={title} loading="lazy" onLoad={() => setState("there")} onError={() => setState("failed")} />
      )}
      {state === "failed" && <span class="quiet">no picture</span>}
    </div>
  );
}
