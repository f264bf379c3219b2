// Looks again after a while, once somebody looks at the page.
"use strict";

const waiting = document.querySelector("[data-reload]");

if (waiting) {
  const reload = () => {
    if (document.visibilityState === "visible") {
      window.location.reload();
    } else {
      document.addEventListener("visibilitychange", reload, { once: true });
    }
  };
  window.setTimeout(reload, Number(waiting.dataset.reload) * 1000);
}
