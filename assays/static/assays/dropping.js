/* The whole frame takes the file that is dropped on it; one that is too large is refused before anything is sent, so
   that what was typed beside it stays. The page works without. */
const frame = document.querySelector("[data-dropping]");
const input = frame.querySelector("input[type=file]");
const refusal = frame.querySelector("[data-too-large]");
const largest = Number(frame.dataset.dropping);
const bytes = (count) => count.toLocaleString("en-US");

function look() {
  const file = input.files[0];
  const isTooLarge = Boolean(file) && file.size > largest;
  refusal.hidden = !isTooLarge;
  if (!isTooLarge) return;
  refusal.textContent = `${file.name} has ${bytes(file.size)} bytes; at most ${bytes(largest)} are read. Choose another file.`;
  input.value = "";
}

function mark(event) {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  frame.classList.toggle("is-over", event.type !== "dragleave");
}

frame.addEventListener("dragover", mark);
frame.addEventListener("dragleave", mark);
frame.addEventListener("drop", (event) => {
  event.preventDefault();
  frame.classList.remove("is-over");
  if (event.dataTransfer.files.length !== 1) {
    refusal.textContent = "One file at a time.";
    refusal.hidden = false;
    return;
  }
  input.files = event.dataTransfer.files;
  look();
});
input.addEventListener("change", look);
