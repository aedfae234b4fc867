// Brings new exchanges while the page is seen, closes what is open by Escape, and copies texts. Without it the page is whole, and shows
// what is new when it is loaded again.
"use strict";
(function () {
  const live = document.getElementById("live");
  const list = document.getElementById("exchanges");
  const pause = document.getElementById("pause");
  const quiet = 500, calm = 10000, retry = 5000; // milliseconds between looks at what is new, texts about it, and attempts to listen

  if (live && live.dataset.events) watch();

  document.addEventListener("keydown", function (e) {
    const details = e.key === "Escape" && e.target.closest && e.target.closest("details[open]");
    if (!details) return;
    details.open = false;
    details.querySelector("summary").focus();
  });

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent).then(
        () => say("Copied."), () => say("This browser does not let a page copy: select the text."));
    });
  }

  function say(text) {
    document.getElementById("copied").textContent = text;
  }

  // watch listens for exchanges while the page is seen: a browser has few connections to a host, and each page that listens takes one.
  // An event only says that there is something: what is shown is the page as it would be loaded now, so that a thousand calls in a second
  // cost no more than one.
  function watch() {
    let source = null, timer = 0, again = 0, saying = 0, isLoading = false, isStale = false, isPaused = false, fresh = 0;

    const tell = function (text) {
      clearTimeout(saying);
      saying = 0;
      if (live.textContent !== text) live.textContent = text;
    };

    const news = () => fresh === 1 ? "1 exchange is new." : fresh + " exchanges are new.";

    // tellNews leaves time between two texts: a screen reader reads each of them.
    const tellNews = function () {
      if (!fresh || saying) return;
      tell(news());
      const told = fresh;
      saying = setTimeout(() => { saying = 0; if (fresh !== told) tellNews(); }, calm);
    };

    const soon = function () {
      if (isLoading) isStale = true;
      else if (!timer) timer = setTimeout(load, quiet);
    };

    const load = async function () {
      timer = 0;
      isStale = false;
      isLoading = true;
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (answer.ok) merge(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        // the stream says when the service is gone
      }
      isLoading = false;
      if (isStale) soon();
    };

    // merge puts new entries in front, and leaves the others as they are: focus and selection stay.
    const merge = function (page) {
      if (isPaused) return;
      const entries = Array.from(page.querySelectorAll("#exchanges > li"));
      const known = new Set(entries.map((e) => e.id));
      const isAll = page.getElementById("older").hidden;
      for (const old of Array.from(list.children)) {
        if (!known.has(old.id) && (isAll || !old.contains(document.activeElement))) old.remove();
      }
      for (const entry of entries.reverse()) {
        const old = document.getElementById(entry.id);
        if (old && old.isEqualNode(entry)) continue;
        if (old) old.remove(); // the service has begun anew, and counts from one
        list.prepend(document.importNode(entry, true));
        fresh++;
      }
      for (const id of ["none", "older", "clear"]) document.getElementById(id).hidden = page.getElementById(id).hidden;
      document.querySelector("#older a").setAttribute("href", page.querySelector("#older a").getAttribute("href"));
      live.dataset.events = page.getElementById("live").dataset.events;
      tellNews();
    };

    const listen = function () {
      if (source || isPaused || document.hidden) return;
      source = new EventSource(live.dataset.events);
      source.addEventListener("open", () => tell(fresh ? news() : "New exchanges are shown as they come."));
      source.addEventListener("error", lose);
      source.addEventListener("cleared", () => { fresh = 0; tell("The journal was emptied."); });
      for (const name of ["exchange", "gap", "cleared"]) source.addEventListener(name, soon);
    };

    const stop = function () {
      clearTimeout(again);
      if (source) source.close();
      source = null;
    };

    // resume loads what has come meanwhile before it listens for more.
    const resume = async function () {
      if (source || isPaused || document.hidden) return;
      await load();
      listen();
    };

    // lose tells that there is no connection. Of one that was refused a browser does not try again.
    const lose = function () {
      const isRefused = source.readyState === EventSource.CLOSED;
      tell(isRefused ? "The service does not tell what is new at the moment; trying again." : "The connection is lost; trying again.");
      if (!isRefused) return;
      stop();
      again = setTimeout(resume, retry);
    };

    pause.hidden = false;
    pause.addEventListener("click", function () {
      isPaused = !isPaused;
      pause.textContent = isPaused ? "Go on" : "Pause";
      if (!isPaused) return void resume();
      stop();
      tell("Paused.");
    });
    document.addEventListener("visibilitychange", () => document.hidden ? stop() : resume());
    window.addEventListener("pagehide", stop);
    window.addEventListener("pageshow", (e) => { if (e.persisted) resume(); });
    listen();
  }
})();
