// Counts down what the server says is left, so that a wrong clock on the person's machine does not matter.
"use strict";

const clock = (left) => Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");

const countdown = document.querySelector("[data-seconds-left]");

if (countdown) {
  const display = countdown.querySelector("[data-display]");
  const announcement = countdown.querySelector("[data-announcement]");
  const warnAtSeconds = Number(countdown.dataset.warnAt);
  const start = performance.now();
  const total = Number(countdown.dataset.secondsLeft);
  let warned = total <= warnAtSeconds;

  const show = () => {
    const left = Math.max(0, Math.ceil(total - (performance.now() - start) / 1000));
    display.textContent = clock(left);
    if (!warned && left <= warnAtSeconds) {
      warned = true;
      announcement.textContent = countdown.dataset.warning;
    }
    if (left === 0) {
      window.clearInterval(timer);
      window.location.replace(countdown.dataset.address);
    }
  };
  const timer = window.setInterval(show, 1000);
  countdown.querySelector("[data-display-row]").hidden = false;
  show();
}

// The time to think before a challenge is answered. The page stays as it is, with what was typed.
const wait = document.querySelector("[data-wait-seconds]");

if (wait) {
  const display = wait.querySelector("[data-display]");
  const start = performance.now();
  const total = Number(wait.dataset.waitSeconds);

  const show = () => {
    const left = Math.max(0, Math.ceil(total - (performance.now() - start) / 1000));
    display.textContent = clock(left);
    if (left === 0) {
      window.clearInterval(timer);
    }
  };
  const timer = window.setInterval(show, 1000);
  wait.hidden = false;
  show();
}
