// Drawings of what is sold, in the metal and the stone that a piece is of.

const METALS = { gold: "#b98f3c", silver: "#8f979c", platinum: "#a3a7ad" };
const STONES = [
  [/rub|spinel|coral|kemp|red/i, "#a8243f"], [/emerald/i, "#1f7a53"], [/sapphire/i, "#2f4f9e"],
  [/pearl|conch/i, "#efe6da"], [/black/i, "#2d2a2a"], [/navaratna/i, "#c0662b"], [/./, "#dfeaf2"],
];
const NS = "http://www.w3.org/2000/svg";

export function drawing(product) {
  const svg = node("svg", { viewBox: "0 0 120 120", fill: "none", "aria-hidden": "true" });
  const metal = METALS[product.metal] ?? METALS.gold;
  const stone = product.stone ? STONES.find(([words]) => words.test(product.stone))[1] : metal;
  const seed = [...product.sku].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7);
  const pen = {
    line: (d, width = 2) => svg.append(node("path", { d, stroke: metal, "stroke-width": width, "stroke-linecap": "round" })),
    ring: (x, y, r, width = 2) => svg.append(node("circle", { cx: x, cy: y, r, stroke: metal, "stroke-width": width })),
    bead: (x, y, r, fill = stone) => svg.append(node("circle", { cx: x, cy: y, r, fill, stroke: metal, "stroke-width": 1.2 })),
    gem: (x, y, r) => {
      const at = (i, k = 1) => [x + r * k * Math.cos(i * Math.PI / 4), y + r * k * Math.sin(i * Math.PI / 4)].join(" ");
      const d = `M${[0, 1, 2, 3, 4, 5, 6, 7].map((i) => at(i + 0.5)).join("L")}Z`;
      svg.append(node("path", { d, fill: stone, stroke: metal, "stroke-width": 1.6, "stroke-linejoin": "round" }));
      svg.append(node("path", { d: `M${at(0.5, 0.5)}L${at(2.5, 0.5)}L${at(4.5, 0.5)}L${at(6.5, 0.5)}Z`, stroke: "#fff", "stroke-opacity": 0.75 }));
    },
  };
  (SHAPES[product.category.slug] ?? SHAPES.pendants)(pen, seed);
  return svg;
}

const arc = (n, from, to, cx, cy, r, draw) => {
  for (let i = 0; i < n; i += 1) {
    const a = (from + ((to - from) * i) / (n - 1)) * Math.PI / 180;
    draw(cx + r * Math.cos(a), cy + r * Math.sin(a), i);
  }
};

const SHAPES = {
  rings(pen, seed) {
    pen.ring(60, 72, 30, 4); pen.ring(60, 72, 25, 1);
    if (seed % 3 === 0) arc(5, 215, 325, 60, 72, 33, (x, y, i) => pen.gem(x, y, i === 2 ? 9 : 5.5));
    else if (seed % 3 === 1) { pen.line("M52 44L60 37L68 44"); pen.gem(60, 32, 13); }
    else { arc(8, 0, 315, 60, 36, 11, (x, y) => pen.bead(x, y, 4)); pen.gem(60, 36, 7); }
  },
  necklaces(pen, seed) {
    pen.line("M14 18C20 74 44 92 60 92S100 74 106 18"); pen.line("M22 18C28 64 46 80 60 80S92 64 98 18", 1);
    arc(9, 25, 155, 60, 38, 54, (x, y, i) => (seed % 2 ? pen.bead(x, y, i === 4 ? 8 : 4.6) : pen.gem(x, y, i === 4 ? 10 : 5)));
    pen.bead(60, 108, 4);
  },
  bangles(pen, seed) {
    pen.ring(60, 60, 44, 5); pen.ring(60, 60, 37, 1.4); pen.ring(60, 60, 50, 1);
    arc(seed % 2 ? 16 : 12, 0, seed % 2 ? 337.5 : 330, 60, 60, 44, (x, y) => pen.bead(x, y, 3.2));
  },
  earrings(pen, seed) {
    for (const x of [38, 82]) {
      pen.line(`M${x} 18C${x - 8} 18 ${x - 8} 30 ${x} 32`); pen.gem(x, 42, 9);
      if (seed % 2) { pen.line(`M${x - 15} 74C${x - 15} 54 ${x + 15} 54 ${x + 15} 74Z`); for (const d of [-12, -4, 4, 12]) pen.bead(x + d, 81, 3.4); }
      else { pen.line(`M${x} 52V66`); pen.bead(x, 82, 13); }
    }
  },
  pendants(pen, seed) {
    pen.line("M26 10C34 40 48 48 60 50C72 48 86 40 94 10", 1.4); pen.ring(60, 53, 4);
    if (seed % 2) { pen.line("M60 57C40 74 44 104 60 110C76 104 80 74 60 57Z", 2.5); pen.gem(60, 84, 11); }
    else { pen.ring(60, 83, 25, 2.5); arc(8, 0, 315, 60, 83, 17, (x, y) => pen.bead(x, y, 3.4)); pen.gem(60, 83, 8); }
  },
  mangalsutras(pen) {
    arc(23, 205, -25, 60, 48, 44, (x, y, i) => pen.bead(x, y, i % 4 ? 3 : 4, i % 4 ? "#2d2a2a" : "#b98f3c"));
    pen.line("M44 96C44 82 58 82 58 96ZM62 96C62 82 76 82 76 96Z", 2.4); pen.bead(60, 104, 4);
  },
  bracelets(pen, seed) {
    pen.line("M16 56C16 26 104 26 104 56S16 86 16 56", 2.5);
    arc(seed % 2 ? 9 : 11, 20, 160, 60, 52, 44, (x, y) => pen.gem(x, 52 + (y - 52) * 0.58, 5.4));
  },
  anklets(pen) {
    pen.line("M12 44C30 86 90 86 108 44", 3); pen.line("M12 44C30 76 90 76 108 44", 1);
    arc(9, 22, 158, 60, 30, 54, (x, y) => { pen.line(`M${x} ${y - 8}V${y}`, 1.2); pen.bead(x, y + 3, 4.4); });
  },
  "nose-pins"(pen, seed) {
    pen.line("M60 60V98C60 106 70 106 70 98", 2.4);
    if (seed % 2) arc(7, 0, 308, 60, 46, 14, (x, y) => pen.bead(x, y, 5));
    pen.gem(60, 46, seed % 2 ? 8 : 15);
  },
};

function node(name, attributes) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
