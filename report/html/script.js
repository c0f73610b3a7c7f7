"use strict";
(function () {
  var all = function (s) { return Array.prototype.slice.call(document.querySelectorAll(s)); };
  var folded = all("details[data-fold]");
  folded.forEach(function (d) { d.open = false; });

  // Printing shows everything; afterwards the page is as it was.
  var before = [];
  window.addEventListener("beforeprint", function () {
    before = folded.filter(function (d) { return !d.open; });
    before.forEach(function (d) { d.open = true; });
    all("tr[data-out]").forEach(function (r) { r.hidden = false; });
  });
  window.addEventListener("afterprint", function () {
    before.forEach(function (d) { d.open = false; });
    all("tr[data-out]").forEach(function (r) { r.hidden = true; });
  });

  // A link to something folded unfolds it.
  var reveal = function () {
    var id = location.hash.slice(1), target = id && document.getElementById(id);
    for (var e = target; e; e = e.parentElement) { if (e.tagName === "DETAILS") { e.open = true; } }
    if (target) { target.scrollIntoView(); }
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  // A box above a table leaves the rows that hold all of its words.
  all("table[data-filter]").forEach(function (table) {
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    if (rows.length < 2) { return; }
    var box = document.createElement("input"), line = document.createElement("p"), note = document.createElement("span");
    box.type = "search";
    box.placeholder = "Filter " + table.getAttribute("data-filter");
    box.setAttribute("aria-label", box.placeholder);
    box.autocomplete = "off";
    line.className = "filter";
    note.setAttribute("aria-live", "polite");
    line.appendChild(box);
    line.appendChild(note);
    table.parentNode.insertBefore(line, table);
    var texts = rows.map(function (r) { return r.textContent.toLowerCase(); });
    box.addEventListener("input", function () {
      var words = box.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (r, i) {
        var out = !words.every(function (w) { return texts[i].indexOf(w) >= 0; });
        r.hidden = out;
        if (out) { r.setAttribute("data-out", ""); } else { r.removeAttribute("data-out"); shown++; }
      });
      note.textContent = words.length ? shown + " of " + rows.length : "";
    });
  });
})();
