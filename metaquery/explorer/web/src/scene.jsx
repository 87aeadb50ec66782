// Where labels and predictions are in a picture.

/** Boxes over a picture of this size; those of one frame, as a picture shows one. */
export function Boxes({ boxes, size: [width, height], title, own }) {
  const frame = own?.frame ?? boxes[0].frame;
  const seen = boxes.filter((box) => box.frame <= frame && frame <= (box.last_frame ?? box.frame));
  return (
    <svg class="boxes" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}: ${seen.length} boxes`}>
      {seen.map((box) => (
        <g key={`${box.relation} ${box.annotation_id} ${box.frame}`} class={`box box-${box.relation}${own?.annotation === box.annotation_id ? " box-own" : ""}`}>
          <title>{box.class}{box.relation === "predictions" && box.confidence !== null ? ` ${box.confidence}` : ""} ({box.relation})</title>
          <rect x={box.x * width} y={box.y * height} width={box.w * width} height={box.h * height} vector-effect="non-scaling-stroke" />
        </g>
      ))}
    </svg>
  );
}

/** The same, with room of its own; without a picture, on the empty plane. */
export function Scene({ boxes, width, height, url, title }) {
  const size = width && height ? [width, height] : [1600, 900];
  return (
    <figure class="scene" style={{ aspectRatio: `${size[0]} / ${size[1]}` }}>
      {url && <img src={url} alt={title} />}
      {boxes.length > 0 && <Boxes boxes={boxes} size={size} title={title} />}
    </figure>
  );
}
