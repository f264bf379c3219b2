// Goes on to the shop after a pause that the person can stop (WCAG 2.2, success criterion 2.2.1).
"use strict";

const notice = document.querySelector("[data-continue]");

if (notice) {
  const link = document.getElementById(notice.dataset.continue);
  const display = notice.querySelector("[data-display]");
  let left = Number(display.textContent);
  notice.hidden = false;

  const timer = window.setInterval(() => {
    left -= 1;
    display.textContent = String(left);
    if (left <= 0) {
      window.clearInterval(timer);
      window.location.assign(link.href);
    }
  }, 1000);

  notice.querySelector("button").addEventListener("click", () => {
    window.clearInterval(timer);
    notice.hidden = true;
    link.focus();
  });
}
