// The server writes times in UTC; this writes them in the time and manner of the person's own machine.
"use strict";

const language = document.documentElement.lang;

const forms = {
  "clock": { hour: "numeric", minute: "2-digit" },
  "day": { day: "numeric", month: "long", year: "numeric" },
  "day-and-clock": { day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit" },
};

for (const element of document.querySelectorAll("time[data-form]")) {
  const moment = new Date(element.dateTime);
  const form = forms[element.dataset.form];
  if (form && !Number.isNaN(moment.getTime())) {
    element.textContent = new Intl.DateTimeFormat(language, form).format(moment);
  }
}

// A second press on a button must not send a form twice while the first answer is on its way.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
    } else {
      form.setAttribute("aria-busy", "true");
    }
  });
}

// A page that comes back from the browser's memory is fresh again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) {
    form.removeAttribute("aria-busy");
  }
});
