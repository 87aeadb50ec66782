// A filter's text in pieces: what the server says each is, and what is wrong with it.

export function Highlighted({ text, tokens, error }) {
  const pieces = [];
  let at = 0;
  const plain = (end) => end > at && pieces.push(<span key={at}>{text.slice(at, end)}</span>);
  for (const token of tokens ?? []) {
    if (token.start < at || token.end > text.length) continue;
    plain(token.start);
    const wrong = error && token.start < error.end && token.end > error.start;
    const kind = wrong || token.wrong ? `token-${token.kind} token-wrong` : `token-${token.kind}`;
    pieces.push(<span key={token.start} class={kind}>{text.slice(token.start, token.end)}</span>);
    at = token.end;
  }
  plain(text.length);
  if (error && error.start >= text.trimEnd().length) pieces.push(<span key="end" class="token-wrong">{" "}</span>);
  return <>{pieces}</>;
}
