// Where labels and predictions are in a picture; without one, on the empty plane.

export function Scene({ boxes, width, height, picture, title }) {
  const shape = width && height ? { aspectRatio: `${width} / ${height}` } : { aspectRatio: "16 / 9" };
  const across = width && height ? width / height : 16 / 9;
  return (
    <figure class="scene" style={shape}>
      {picture}
      <svg viewBox={`0 0 ${across * 100} 100`} preserveAspectRatio="none" role="img" aria-label={`${title}: ${boxes.length} boxes`}>
        {boxes.map((box) => (
          <g key={`${box.relation} ${box.annotation_id} ${box.frame}`} class={`box box-${box.relation}`}>
            <title>{box.class}{box.relation === "predictions" && box.confidence !== null ? ` ${box.confidence}` : ""} ({box.relation})</title>
            <rect x={box.x * across * 100} y={box.y * 100} width={box.w * across * 100} height={box.h * 100} vector-effect="non-scaling-stroke" />
          </g>
        ))}
      </svg>
    </figure>
  );
}
