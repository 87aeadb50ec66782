import { useState } from "preact/hooks";
import { Boxes } from "./scene.jsx";
import { usePicture } from "./pictures.js";

/** The picture of a data unit, with boxes drawn over it. */
export function Picture({ hash, title, pictures, boxes, own }) {
  const { url, failed } = usePicture(hash && pictures.address(hash));
  const [size, setSize] = useState(null);
  return (
    <div class={url || failed ? "picture" : "picture picture-waiting"}>
      {url && <img src={url} alt={title} onLoad={({ target }) => setSize([target.naturalWidth, target.naturalHeight])} />}
      {url && size && boxes?.length > 0 && <Boxes boxes={boxes} size={size} title={title} own={own} />}
      {failed && <span class="quiet">no picture</span>}
    </div>
  );
}
