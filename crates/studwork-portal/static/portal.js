// What scripts add to pages that work without them: the strip of frames becomes one picture that turns.
for (const table of document.querySelectorAll("[data-turntable]")) {
  const frames = [...table.querySelectorAll("img")];
  if (frames.length < 2) continue;
  let at = 0;
  let from = null;
  const show = (index) => {
    frames[at].classList.remove("on");
    at = ((index % frames.length) + frames.length) % frames.length;
    frames[at].classList.add("on");
  };
  for (const frame of frames) frame.loading = "eager";
  table.classList.add("live");
  frames[0].classList.add("on");
  table.addEventListener("pointerdown", (event) => {
    from = { x: event.clientX, at };
    table.setPointerCapture(event.pointerId);
  });
  table.addEventListener("pointermove", (event) => {
    if (!from) return;
    const turns = (event.clientX - from.x) / table.clientWidth;
    show(from.at - Math.round(turns * frames.length));
  });
  for (const end of ["pointerup", "pointercancel"]) table.addEventListener(end, () => { from = null; });
  table.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) { event.preventDefault(); show(at + by); }
  });
}
// A menu closes when something else is chosen.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
// Sending a package takes a while: say so, and do not send it twice.
for (const form of document.querySelectorAll("form[enctype]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = "Sending and checking …";
  });
}
