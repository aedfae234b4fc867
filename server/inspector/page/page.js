// Brings new exchanges while the page is open, and copies texts. Without it the page is whole, and shows what is new when it is loaded
// again.
"use strict";
(function () {
  const live = document.getElementById("live");
  const list = document.getElementById("exchanges");
  const pause = document.getElementById("pause");
  const quiet = 500; // milliseconds between two looks at what is new

  if (live && live.dataset.events) watch();

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

  // watch listens for exchanges. An event only says that there is something: what is shown is the page as it would be loaded now, so that
  // a thousand calls in a second cost no more than one.
  function watch() {
    const most = 50;
    let source = null, timer = 0, fetching = false, fresh = 0;

    const tell = (text) => { if (live.textContent !== text) live.textContent = text; };
    const news = () => fresh === 1 ? "1 exchange is new." : fresh + " exchanges are new.";

    const soon = function () {
      if (!timer && !fetching) timer = setTimeout(load, quiet);
    };

    const load = async function () {
      timer = 0;
      fetching = true;
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (answer.ok && source) merge(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        // the stream says when the service is gone
      }
      fetching = false;
    };

    // merge puts new entries in front, and leaves the others as they are: focus and selection stay.
    const merge = function (page) {
      const entries = Array.from(page.querySelectorAll("#exchanges > li"));
      const known = new Set(entries.map((e) => e.id));
      for (const old of Array.from(list.children)) {
        if (!known.has(old.id) && (entries.length < most || !old.contains(document.activeElement))) old.remove();
      }
      for (const entry of entries.reverse()) {
        if (document.getElementById(entry.id)) continue;
        list.prepend(document.importNode(entry, true));
        fresh++;
      }
      document.getElementById("none").hidden = list.children.length > 0;
      if (fresh) tell(news());
    };

    const start = function () {
      source = new EventSource(live.dataset.events);
      source.addEventListener("open", () => tell(fresh ? news() : "New exchanges are shown as they come."));
      source.addEventListener("error", () => tell("The connection is lost; trying again."));
      for (const name of ["exchange", "gap", "cleared"]) source.addEventListener(name, soon);
      pause.textContent = "Pause";
    };
    const stop = function () {
      source.close();
      source = null;
      pause.textContent = "Go on";
      tell("Paused.");
    };

    pause.hidden = false;
    pause.addEventListener("click", function () {
      if (source) return stop();
      start();
      soon();
    });
    window.addEventListener("pagehide", () => source && source.close());
    window.addEventListener("pageshow", (e) => { if (e.persisted && source) start(); });
    start();
  }
})();
