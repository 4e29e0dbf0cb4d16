/** The words of TPC-H's value domains (specification, clauses 4.2.2.12, 4.2.2.13 and 4.2.3). */

export const COLORS: readonly string[] = (
  'almond antique aquamarine azure beige bisque black blanched blue blush brown burlywood burnished chartreuse chiffon ' +
  'chocolate coral cornflower cornsilk cream cyan dark deep dim dodger drab firebrick floral forest frosted gainsboro ' +
  'ghost goldenrod green grey honeydew hot indian ivory khaki lace lavender lawn lemon light lime linen magenta maroon ' +
  'medium metallic midnight mint misty moccasin navajo navy olive orange orchid pale papaya peach peru pink plum powder ' +
  'puff purple red rose rosy royal saddle salmon sandy seashell sienna sky slate smoke snow spring steel tan thistle ' +
  'tomato turquoise violet wheat white yellow'
).split(' ');

export const SEGMENTS: readonly string[] = ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD'];
export const PRIORITIES: readonly string[] = ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'];
export const SHIP_INSTRUCTIONS: readonly string[] = ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'];
export const SHIP_MODES: readonly string[] = ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'];

export const CONTAINERS: readonly string[] = combine(
  ['SM', 'LG', 'MED', 'JUMBO', 'WRAP'],
  ['CASE', 'BOX', 'BAG', 'JAR', 'PKG', 'PACK', 'CAN', 'DRUM'],
);
export const PART_TYPES: readonly string[] = combine(
  ['STANDARD', 'SMALL', 'MEDIUM', 'LARGE', 'ECONOMY', 'PROMO'],
  ['ANODIZED', 'BURNISHED', 'PLATED', 'POLISHED', 'BRUSHED'],
  ['TIN', 'NICKEL', 'BRASS', 'STEEL', 'COPPER'],
);

export const REGIONS: readonly string[] = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'];

/** Nations in the order of their keys, with the keys of their regions. */
export const NATIONS: readonly { readonly name: string; readonly regionKey: number }[] = [
  { name: 'ALGERIA', regionKey: 0 },
  { name: 'ARGENTINA', regionKey: 1 },
  { name: 'BRAZIL', regionKey: 1 },
  { name: 'CANADA', regionKey: 1 },
  { name: 'EGYPT', regionKey: 4 },
  { name: 'ETHIOPIA', regionKey: 0 },
  { name: 'FRANCE', regionKey: 3 },
  { name: 'GERMANY', regionKey: 3 },
  { name: 'INDIA', regionKey: 2 },
  { name: 'INDONESIA', regionKey: 2 },
  { name: 'IRAN', regionKey: 4 },
  { name: 'IRAQ', regionKey: 4 },
  { name: 'JAPAN', regionKey: 2 },
  { name: 'JORDAN', regionKey: 4 },
  { name: 'KENYA', regionKey: 0 },
  { name: 'MOROCCO', regionKey: 0 },
  { name: 'MOZAMBIQUE', regionKey: 0 },
  { name: 'PERU', regionKey: 1 },
  { name: 'CHINA', regionKey: 2 },
  { name: 'ROMANIA', regionKey: 3 },
  { name: 'SAUDI ARABIA', regionKey: 4 },
  { name: 'VIETNAM', regionKey: 2 },
  { name: 'RUSSIA', regionKey: 3 },
  { name: 'UNITED KINGDOM', regionKey: 3 },
  { name: 'UNITED STATES', regionKey: 1 },
];

/** Every choice of one word from each list, in order, with spaces between. */
function combine(...lists: readonly (readonly string[])[]): readonly string[] {
  return lists.reduce((heads, list) => heads.flatMap((head) => list.map((word) => `${head} ${word}`)));
}
