/*
 * Controls that cannot be pressed for a while. The attribute `disabled` takes the focus away from a control that was just
 * pressed, and who uses a keyboard has to begin at the top of the page again. With `aria-disabled` the control keeps the
 * focus; its clicks are stopped here. A click is also what Enter and Space make, and Enter in a field of its form.
 */

/** @param {HTMLElement} control also one that the page disabled until its script is ready */
export function setAvailable(control, isAvailable) {
  control.disabled = false;
  if (isAvailable) control.removeAttribute("aria-disabled");
  else control.setAttribute("aria-disabled", "true");
}

function stop(event) {
  if (!event.target.closest?.("[aria-disabled='true']")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
addEventListener("click", stop, { capture: true });
