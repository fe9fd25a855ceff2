/* The shell's behaviour: scan box, clock, session time, limits, reasons. Every page works without it. */
"use strict";

const every = (selector, room = document) => Array.from(room.querySelectorAll(selector));
const isTyping = (element) => element.matches("input, select, textarea, [contenteditable]");

/* ---- Scanning -------------------------------------------------------------------------------------- */

const KEYS_SWITCH = "tilmfg.keys";
const keysAreOn = () => localStorage.getItem(KEYS_SWITCH) !== "off";

function goToScanBox(event) {
  const box = document.querySelector("[data-scan-box]");
  const plainKey = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!box || !plainKey || event.key === " " || !keysAreOn() || isTyping(event.target)) return;
  // A scanner types wherever the focus happens to be; its first character must not be lost.
  if (event.key === "/") event.preventDefault();
  box.focus();
  box.select();
}

function goToNextSlot(event) {
  const slot = event.target.closest("[data-scan]");
  if (event.key !== "Enter" || !slot || !slot.form) return;
  const open = every("[data-scan]", slot.form).filter((other) => !other.value && !other.disabled);
  if (open.length) {
    event.preventDefault();
    open[0].focus();
  }
}

document.addEventListener("keydown", (event) => {
  goToScanBox(event);
  goToNextSlot(event);
});

function setUpKeysSwitch() {
  every("[data-key-hint]").forEach((hint) => (hint.hidden = !keysAreOn()));
  every("[data-keys-switch]").forEach((box) => {
    box.checked = keysAreOn();
    box.addEventListener("change", () => {
      localStorage.setItem(KEYS_SWITCH, box.checked ? "on" : "off");
      every("[data-key-hint]").forEach((hint) => (hint.hidden = !box.checked));
    });
  });
}

/* ---- The facility's clock, by the server's time and not the tablet's ------------------------------- */

function setUpClock() {
  const faces = every("[data-clock]");
  if (!faces.length) return;
  const ahead = Date.parse(faces[0].dataset.clock) - Date.now();
  const hands = faces.map((face) => [
    face,
    new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: face.dataset.zone }),
  ]);
  const tick = () => {
    const now = Date.now() + ahead;
    hands.forEach(([face, hand]) => (face.textContent = hand.format(now)));
    setTimeout(tick, 60_000 - (now % 60_000) + 50);
  };
  tick();
}

/* ---- Session time left ----------------------------------------------------------------------------- */

const WARN_BEFORE_SECONDS = 120;

function timeLeft(seconds) {
  if (seconds <= WARN_BEFORE_SECONDS) return `${seconds} s left`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min left` : `${Math.floor(seconds / 3600)} h left`;
}

function setUpSession() {
  const left = document.querySelector("[data-session-seconds]");
  const end = document.querySelector("[data-session-end]");
  if (!left || !end) return;
  const length = Number(left.dataset.sessionSeconds);
  const words = end.querySelector("[data-session-words]");
  const stay = end.querySelector("[data-session-stay]");
  let endsAt = Date.now() + length * 1000;

  const tell = () => {
    const seconds = Math.max(0, Math.round((endsAt - Date.now()) / 1000));
    left.textContent = timeLeft(seconds);
    left.classList.toggle("is-short", seconds <= WARN_BEFORE_SECONDS);
    end.hidden = seconds > WARN_BEFORE_SECONDS;
    stay.hidden = seconds === 0;
    const sentence = seconds
      ? "Your session ends in less than two minutes."
      : "Your session has ended. What you typed is still on this page: log in again in another tab, then record it here.";
    if (words.textContent !== sentence) words.textContent = sentence;
  };
  stay.addEventListener("click", async () => {
    const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" });
    if (answer.type !== "opaqueredirect") endsAt = Date.now() + length * 1000;
    tell();
  });
  tell();
  setInterval(tell, 1000);
}

/* ---- Limits: the typed value appears on its range at once ------------------------------------------ */

const EDGE = 2.5; // per cent of the bar

function placeOnBar(bar, value) {
  const [from, to] = [Number(bar.dataset.from), Number(bar.dataset.to)];
  if ("log" in bar.dataset) {
    return value > 0 ? (100 * Math.log(value / from)) / Math.log(to / from) : 0;
  }
  return (100 * (value - from)) / (to - from);
}

function judge(bar, value) {
  const low = bar.dataset.low === "" ? -Infinity : Number(bar.dataset.low);
  const high = bar.dataset.high === "" ? Infinity : Number(bar.dataset.high);
  if (value < low) return ["outside", "Below the limit"];
  if (value > high) return ["outside", "Above the limit"];
  const here = placeOnBar(bar, value);
  const isNear = (limit) => Number.isFinite(limit) && Math.abs(here - placeOnBar(bar, limit)) <= EDGE;
  if (isNear(low) || isNear(high)) return ["edge", "Inside, at the edge"];
  return ["inside", "Inside the limits"];
}

function showOnBar(bar, input) {
  const typed = input.value.trim();
  const value = typed === "" ? NaN : Number(typed);
  const words = bar.querySelector(".limit-words");
  bar.classList.remove("is-inside", "is-edge", "is-outside", "is-unread");
  if (Number.isNaN(value)) {
    words.textContent = typed === "" ? "" : "Not a number; 7.5e9 is one";
    bar.classList.toggle("is-unread", typed !== "");
  } else {
    const [verdict, sentence] = judge(bar, value);
    const place = Math.min(100, Math.max(0, placeOnBar(bar, value)));
    bar.querySelector(".bar-value").setAttribute("x", `${place}%`);
    bar.classList.add(`is-${verdict}`);
    words.textContent = sentence;
  }
  askForReason(input, bar.classList.contains("is-outside"));
}

function askForReason(input, isOutside) {
  every("[data-reason-for]")
    .filter((reason) => reason.dataset.reasonFor === input.id)
    .forEach((reason) => {
      const isAnswered = reason.querySelector(".is-refused") || every("input, textarea", reason).some((box) => box.value);
      reason.classList.toggle("is-asked", isOutside || Boolean(isAnswered));
    });
}

function setUpLimits(room = document) {
  every("[data-limits-for]", room).forEach((bar) => {
    const input = document.getElementById(bar.dataset.limitsFor);
    if (!input) return;
    input.addEventListener("input", () => showOnBar(bar, input));
    showOnBar(bar, input);
  });
}

/* ---- Late entry: a time that is typed long after it asks at once why ------------------------------- */

const WALL = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };

function setUpLateEntry() {
  const face = document.querySelector("[data-clock]");
  every("[data-late-for]").forEach((reason) => {
    const input = document.getElementById(reason.dataset.lateFor);
    if (!input || !face) return;
    const ahead = Date.parse(face.dataset.clock) - Date.now();
    const wall = new Intl.DateTimeFormat("sv-SE", { ...WALL, timeZone: face.dataset.zone });
    const tell = () => {
      // Both are read as UTC: only the distance between two readings of the facility's clock counts.
      const now = Date.parse(`${wall.format(Date.now() + ahead).replace(" ", "T")}Z`);
      const minutes = (now - Date.parse(`${input.value}Z`)) / 60_000;
      const isAnswered = reason.querySelector(".is-refused") || every("input, textarea", reason).some((box) => box.value);
      reason.classList.toggle("is-asked", minutes > Number(reason.dataset.lateMinutes) || Boolean(isAnswered));
    };
    input.addEventListener("input", tell);
    tell();
  });
}

/* ---- Small things ---------------------------------------------------------------------------------- */

function setUpCopying(room = document) {
  if (!navigator.clipboard) return; // only on https and localhost; the text can still be selected
  every("[data-copy]", room).forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("is-copied");
      setTimeout(() => button.classList.remove("is-copied"), 1500);
    });
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.once === "sent") event.preventDefault();
  form.dataset.once = "sent";
  form.classList.add("is-sent");
});
// Coming back to a form that was sent shows it anew: what it wrote stands already.
addEventListener("pageshow", (event) => {
  const sent = every("[data-once=sent]");
  if (event.persisted && sent.length) location.reload();
  sent.forEach((form) => {
    form.dataset.once = "";
    form.classList.remove("is-sent");
  });
});

document.addEventListener("click", (event) => {
  every("details.person[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") every("details.person[open]").forEach((menu) => (menu.open = false));
});


document.documentElement.classList.add("has-script");
setUpKeysSwitch();
setUpClock();
setUpSession();
setUpLimits();
setUpLateEntry();
setUpCopying();
document.querySelector("[data-refusal]")?.focus();
document.addEventListener("htmx:load", (event) => {
  if (event.target === document.body) return;
  setUpLimits(event.target);
  setUpCopying(event.target);
});
