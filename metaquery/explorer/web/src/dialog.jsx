import { useEffect, useRef } from "preact/hooks";

/** A dialogue of the browser's own: it keeps the focus, and Esc closes it. */
export function Dialog({ title, close, children, wide = false }) {
  const element = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current.showModal();
    return () => before?.focus?.();
  }, []);
  const outside = (event) => event.target === element.current && close();
  return (
    <dialog ref={element} class={wide ? "dialog dialog-wide" : "dialog"} aria-labelledby="dialog-title" onClose={close} onMouseDown={outside}>
      <div class="dialog-inside">
        <header class="dialog-head">
          <h2 id="dialog-title">{title}</h2>
          <button type="button" class="icon" aria-label="Close" onClick={close}>×</button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
