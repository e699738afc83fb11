/* Live updates, drafts that are never lost, one press per press. Every form also works without this file. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const person = document.body.dataset.person;

  // --- drafts: what is typed stays, whatever happens to the page ---
  const keyOf = (field) => `winwin:${person}:${field.dataset.draft}`;
  const keep = (field) => {
    if (field.value) sessionStorage.setItem(keyOf(field), field.value);
    else sessionStorage.removeItem(keyOf(field));
  };
  for (const field of all("textarea[data-draft]")) {
    if (!field.value) field.value = sessionStorage.getItem(keyOf(field)) || "";
    field.addEventListener("input", () => keep(field));
    const form = field.form;
    if (!form.hasAttribute("data-live-form")) form.addEventListener("submit", () => sessionStorage.removeItem(keyOf(field)));
  }

  // --- forms that are sent without leaving the page ---
  const problem = (form, line) => {
    const place = $(".problem", form) || $("#flash");
    place.textContent = line;
    place.hidden = false;
  };
  let acted = 0; // when the visitor last sent or pressed something: what comes of it is brought into view
  const send = async (form, button) => {
    acted = Date.now();
    const body = new URLSearchParams(new FormData(form));
    if (button) button.setAttribute("aria-busy", "true");
    form.dataset.sending = "yes";
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "X-Live": "1" }, redirect: "error" });
      const told = await answer.json();
      if (!answer.ok) return problem(form, told.error || "That did not work. Please try once more.");
      all(".problem", form).forEach((line) => (line.hidden = true));
      if (told.press) form.elements.press.value = told.press;
      const field = $("textarea[data-draft]", form);
      if (field) {
        field.value = "";
        keep(field);
      }
      if (told.go) location.assign(told.go);
      else if (!stream || stream.readyState !== EventSource.OPEN) location.reload();
      return undefined;
    } catch {
      return problem(form, "No connection just now. Nothing is lost: please try once more.");
    } finally {
      delete form.dataset.sending;
      if (button) setTimeout(() => button.removeAttribute("aria-busy"), 600);
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sending) return event.preventDefault();
    if (form.hasAttribute("data-live-form")) {
      event.preventDefault();
      return send(form, event.submitter);
    }
    if (form.getAttribute("method") === "post") form.dataset.sending = "yes";
    return undefined;
  });
  window.addEventListener("pageshow", () => all("form[data-sending]").forEach((form) => delete form.dataset.sending));

  // --- Enter sends where there is a real keyboard; Shift+Enter makes a line ---
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") all("details.menu[open]").forEach((menu) => { menu.open = false; $("summary", menu).focus(); });
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing || !field.matches || !field.matches("[data-composer] textarea")) return;
    if (event.shiftKey || !matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    field.form.requestSubmit();
  });

  // --- sample questions fill the composer ---
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const chip = event.target.closest("[data-fill]");
    if (!chip) return;
    const field = document.getElementById(chip.dataset.fill);
    if (!field) return;
    event.preventDefault();
    field.value = chip.textContent;
    keep(field);
    field.focus();
  });

  // --- lists: stay at the end when one is at the end ---
  const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const toEnd = (box) => {
    const last = $(":scope > ol > li:last-child", box);
    box.scrollTop = box.scrollHeight;
    if (last && last.offsetHeight > box.clientHeight) last.scrollIntoView({ block: "start" });
  };
  all("[data-end]").forEach(toEnd);
  const meant = location.hash && document.getElementById(location.hash.slice(1));
  if (meant) meant.scrollIntoView({ block: "center" });

  // --- live updates ---
  const put = (piece) => {
    const list = $(`[data-list="${piece.list}"]`);
    const old = document.getElementById(piece.id);
    if (!list) return;
    if (!piece.html) {
      if (old && list.contains(old)) old.remove();
      return;
    }
    const box = list.closest("[data-end]");
    const end = box && atEnd(box);
    const shelf = document.createElement("template");
    shelf.innerHTML = piece.html.trim();
    const made = shelf.content.firstElementChild;
    if (old && list.contains(old)) {
      const focus = old.contains(document.activeElement) && document.activeElement.id;
      made.classList.remove("fresh");
      old.replaceWith(made);
      if (focus && document.getElementById(focus)) document.getElementById(focus).focus();
    } else {
      const number = Number(made.dataset.post);
      const later = all(":scope > [data-post]", list).find((item) => Number(item.dataset.post) > number);
      const first = $(":scope > [data-post]", list);
      if (!later || later !== first || !$(".earlier")) list.insertBefore(made, later || null);
      const empty = box && $(":scope > .empty", box);
      if (empty) empty.remove();
    }
    if (end || (box && Date.now() - acted < 5000)) toEnd(box);
  };
  const update = (told) => {
    told.posts.forEach(put);
    for (const [room, count] of Object.entries(told.unread)) {
      const mark = $(`[data-unread="${CSS.escape(room)}"]`);
      if (!mark) continue;
      $("[data-count]", mark).textContent = count;
      mark.hidden = !count;
    }
    const elsewhere = $("#elsewhere");
    if (elsewhere && elsewhere.dataset.told !== told.elsewhere) {
      const focus = elsewhere.contains(document.activeElement) && document.activeElement.id;
      elsewhere.innerHTML = told.elsewhere;
      elsewhere.dataset.told = told.elsewhere;
      if (focus && document.getElementById(focus)) document.getElementById(focus).focus();
    }
    if ($("#clock")) $("#clock").textContent = told.clock;
    if (told.ready && $("#waking")) $("#waking").remove();
    if (told.notice) {
      $("#toast span").textContent = told.notice;
      $("#toast").hidden = false;
      setTimeout(() => { $("#toast").hidden = true; }, 12000);
    }
  };
  let stream = null;
  if (document.body.dataset.live) {
    let away = 0;
    stream = new EventSource(document.body.dataset.live);
    stream.addEventListener("update", (event) => update(JSON.parse(event.data)));
    stream.addEventListener("open", () => { clearTimeout(away); $("#offline").hidden = true; });
    stream.addEventListener("error", () => { clearTimeout(away); away = setTimeout(() => { $("#offline").hidden = false; }, 4000); });
    window.addEventListener("pagehide", () => stream.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }
})();
