/* The lock screen of a tablet: a scan leads to the PIN, and the PIN can be typed with gloves on. */
"use strict";

const badge = document.querySelector("[data-badge]");
const pad = document.querySelector("[data-pin-pad]");
const pin = document.getElementById(pad.dataset.pinPad);

// A scanner ends with Enter, which would send the form without a PIN.
badge.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || pin.value) return;
  event.preventDefault();
  pin.focus();
});
pin.inputMode = "none"; // the pad stands there already
pad.addEventListener("click", (event) => {
  const key = event.target.closest("[data-digit]");
  if (key) pin.value = key.dataset.digit ? (pin.value + key.dataset.digit).slice(0, pin.maxLength) : pin.value.slice(0, -1);
});
pad.hidden = false;
document.querySelector("[data-without-pad]").hidden = true;
