/* Passkeys (WebAuthn): asked for when a form offers one. Every page works without them, with a code. */

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (keys) => keys.map((key) => ({ ...key, id: bytesOf(key.id) }));

async function questionAt(address, form) {
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const answer = await fetch(address, { method: "POST", headers });
  if (!answer.ok) throw new Error("The question did not come. Reload the page and try again.");
  const { publicKey } = await answer.json();
  return { ...publicKey, challenge: bytesOf(publicKey.challenge) };
}

const written = (credential, response) =>
  JSON.stringify({ id: credential.id, rawId: textOf(credential.rawId), type: credential.type, response });

async function made(address, form) {
  const question = await questionAt(address, form);
  const publicKey = {
    ...question,
    user: { ...question.user, id: bytesOf(question.user.id) },
    excludeCredentials: known(question.excludeCredentials),
  };
  const credential = await navigator.credentials.create({ publicKey });
  return written(credential, {
    clientDataJSON: textOf(credential.response.clientDataJSON),
    attestationObject: textOf(credential.response.attestationObject),
  });
}

async function used(address, form) {
  const question = await questionAt(address, form);
  const publicKey = { ...question, allowCredentials: known(question.allowCredentials) };
  const credential = await navigator.credentials.get({ publicKey });
  return written(credential, {
    clientDataJSON: textOf(credential.response.clientDataJSON),
    authenticatorData: textOf(credential.response.authenticatorData),
    signature: textOf(credential.response.signature),
  });
}

function inWords(problem) {
  if (problem.name === "InvalidStateError") return "This device holds one of your passkeys already.";
  if (problem.name === "NotAllowedError") return "No passkey was given, or it took too long. Try again.";
  return problem.message;
}

/* The button asks, the hidden input keeps the answer, and what happened is told beside the button. */
function setUp(button, said, input, ask, done) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "Touch your key, or follow your device.";
    try {
      input.value = await ask();
      said.textContent = done();
    } catch (problem) {
      input.value = "";
      said.textContent = inWords(problem);
    } finally {
      button.disabled = false;
    }
  });
}

function beside(slot) {
  const row = document.createElement("div");
  row.className = "passkey";
  row.innerHTML = '<button class="btn btn-lg" type="button">Use a passkey instead</button><p role="status"></p>';
  slot.after(row);
  return row.children;
}

const isHere = (origin) => "credentials" in navigator && "PublicKeyCredential" in window && location.origin === origin;

document.querySelectorAll("input[data-passkey]").forEach((input) => {
  const { form } = input;
  const code = form.elements.one_time_code;
  if (!isHere(input.dataset.origin)) return;
  const [button, said] = beside(code.closest(".slot"));
  setUp(button, said, input, () => used(input.dataset.passkey, form), () => {
    if ("sendsAtOnce" in form.dataset) form.requestSubmit();
    return "Your passkey has answered; no code is needed. Now send the form.";
  });
});

document.querySelectorAll("[data-new-passkey]").forEach((room) => {
  const button = room.querySelector("button");
  const { form } = button;
  const said = room.querySelector("[role=status]");
  button.hidden = !isHere(room.dataset.origin);
  room.querySelector("[data-elsewhere]").hidden = !button.hidden;
  setUp(button, said, form.elements.new_passkey, () => made(room.dataset.newPasskey, form), () =>
    "Your device has made the passkey. Now prove that it is you, and add it.",
  );
});
