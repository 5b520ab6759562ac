"use strict";
// The page is whole without this script: it marks in the contents where one is, and searches.
const links = new Map(
  [...document.querySelectorAll("nav a")].map((link) => [link.getAttribute("href").slice(1), link]),
);
const places = [...links.keys()].map((id) => {
  const place = document.getElementById(id);
  return [id, place.closest("section") ?? place];
});

function markWhereOneIs() {
  const line = innerHeight / 3;
  const passed = places.filter(([, place]) => place.getBoundingClientRect().top <= line);
  const [now] = passed.at(-1) ?? places[0];
  for (const [id, link] of links) {
    if (id === now) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
}
let waiting = false;
addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; markWhereOneIs(); });
}, { passive: true });
if (places.length) markWhereOneIs();

const FEWEST_LETTERS = 2;
const form = document.createElement("form");
form.setAttribute("role", "search");
const label = document.createElement("label");
label.textContent = "Search this report";
const field = document.createElement("input");
field.type = "search";
field.id = "search-field";
label.htmlFor = field.id;
const told = document.createElement("p");
told.setAttribute("role", "status");
form.append(label, field, told);
document.querySelector("nav").prepend(form);

let found = [];
let at = -1;

// A phrase may run over several elements, as a term has a link; a paragraph or a cell ends it.
const PARTS = "p,td,th,li,dt,dd,h1,h2,h3,h4,h5,h6,figcaption,caption,summary,pre,text,label";
const TYPED = { "\u2212": "-", "\u2013": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"' };
let page = null;

function asTyped(letter) {
  const plain = TYPED[letter] ?? (/\s/.test(letter) ? " " : letter.toLowerCase());
  return plain.length === 1 ? plain : letter;
}

function read() {
  const letters = [];
  const spots = [];
  let part = null;
  const texts = document.createTreeWalker(document.getElementById("content"), NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const own = node.parentElement.closest(PARTS);
    if (own !== part) { letters.push("\n"); spots.push(null); }
    part = own;
    for (let at = 0; at < node.length; at += 1) {
      const letter = asTyped(node.data[at]);
      if (letter === " " && /\s/.test(letters.at(-1) ?? " ")) continue;
      letters.push(letter);
      spots.push([node, at]);
    }
  }
  return { text: letters.join(""), spots };
}

function search(words) {
  const wanted = [...words.trim()].map(asTyped).join("").replace(/ +/g, " ");
  found = [];
  at = -1;
  if (wanted.length >= FEWEST_LETTERS) {
    page ??= read();
    const { text, spots } = page;
    for (let from = text.indexOf(wanted); from >= 0; from = text.indexOf(wanted, from + wanted.length)) {
      const [first, begin] = spots[from];
      const [last, end] = spots[from + wanted.length - 1];
      const range = new Range();
      range.setStart(first, begin);
      range.setEnd(last, end + 1);
      found.push(range);
    }
  }
  if (CSS.highlights) CSS.highlights.set("found", new Highlight(...found));
  if (CSS.highlights) CSS.highlights.delete("here");
  if (wanted.length < FEWEST_LETTERS) told.textContent = "";
  else told.textContent = found.length ? `${found.length} found; Enter goes to each` : "Not found";
}

function goOn(step) {
  if (!found.length) return;
  at = (at + step + found.length) % found.length;
  const place = found[at].startContainer.parentElement;
  for (let box = place.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  if (CSS.highlights) CSS.highlights.set("here", new Highlight(found[at]));
  place.scrollIntoView({ block: "center" });
  told.textContent = `${at + 1} of ${found.length}`;
}
field.addEventListener("input", () => search(field.value));
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    field.value = "";
    search("");
  }
  if (event.key !== "Enter") return;
  event.preventDefault();
  goOn(event.shiftKey ? -1 : 1);
});
form.addEventListener("submit", (event) => event.preventDefault());
