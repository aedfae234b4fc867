// Filters for the timelines. Without this script every row is there.
"use strict";
(function () {
  const timelines = Array.from(document.querySelectorAll(".timeline"));

  for (const timeline of timelines) {
    const form = timeline.querySelector("form");
    const boxes = Array.from(form.elements).filter((e) => e.name === "type");
    const rows = Array.from(timeline.querySelectorAll("li[data-type]"), (li) => ({ li, text: li.textContent.toLowerCase() }));
    const days = Array.from(timeline.querySelectorAll(".day"));
    const flip = form.elements.namedItem("flip");

    const apply = function () {
      const words = form.elements.namedItem("text").value.toLowerCase().split(/\s+/);
      const types = new Set(boxes.filter((b) => b.checked).map((b) => b.value));
      let shown = 0;
      for (const { li, text } of rows) {
        li.hidden = !types.has(li.dataset.type) || !words.every((w) => text.includes(w));
        if (!li.hidden) shown++;
      }
      for (const day of days) day.hidden = !day.querySelector("li[data-type]:not([hidden])");
      flip.textContent = types.size ? "Hide all types" : "Show all types";
      form.querySelector(".found").textContent =
        "Showing " + shown.toLocaleString("en-US") + " of " + rows.length.toLocaleString("en-US") + ".";
    };

    form.addEventListener("input", apply);
    form.addEventListener("submit", (e) => e.preventDefault());
    flip.addEventListener("click", function () {
      const check = flip.textContent === "Show all types";
      for (const b of boxes) b.checked = check;
      apply();
    });
    form.hidden = false;
    apply();
  }

  const picker = document.querySelector(".picker");
  const select = picker.elements.namedItem("lead");
  const show = function (id) {
    select.value = id;
    for (const t of timelines) t.hidden = t.id !== id;
  };
  const follow = function () {
    const target = timelines.find((t) => "#" + t.id === location.hash);
    if (!target) return;
    show(target.id);
    target.scrollIntoView();
  };

  show(timelines[0].id);
  if (timelines.length > 1) {
    picker.hidden = false;
    document.querySelector(".jump").hidden = true;
    select.addEventListener("input", () => show(select.value));
    picker.addEventListener("submit", (e) => e.preventDefault());
    window.addEventListener("hashchange", follow);
    follow();
  }
})();
