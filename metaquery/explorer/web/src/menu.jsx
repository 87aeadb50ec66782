import { useEffect, useRef, useState } from "preact/hooks";

/** A button with a panel under it, which Esc and a click elsewhere close. */
export function Popover({ label, title, children, kind = "", align = "left" }) {
  const [open, setOpen] = useState(false);
  const element = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event) => element.current.contains(event.target) || setOpen(false);
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);
  const pressed = (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
    element.current.querySelector("button").focus();
  };
  return (
    <div class={`popover popover-${align}`} ref={element} onKeyDown={pressed}>
      <button type="button" class={kind} aria-expanded={open} aria-label={title} onClick={() => setOpen(!open)}>{label}</button>
      {open && <div class="panel">{children(() => setOpen(false))}</div>}
    </div>
  );
}
