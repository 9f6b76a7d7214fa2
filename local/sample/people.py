"""Who buys, where, and what they write: the words of each region."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class People:
    """A region's words."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    areas: tuple[str, ...]  # sales regions
    countries: tuple[str, ...]  # where its customers live, the commonest first
    foreign_country: str  # where the rows come from that should not be here
    branches: tuple[str, ...]  # five
    products: tuple[tuple[str, str, str], ...]  # name, category, unit
    messages: tuple[str, ...]
    phone_prefix: str
    note: tuple[str, str]  # an unknown column: its header and what it holds


FRANKFURT = People(
    first_names=("Jürgen", "Anke", "Björn", "Käthe", "Søren", "Lena", "Jonas", "Mareike", "Zoë", "Günther", "Paula"),
    last_names=("Müller", "Größer", "Schäfer", "Weiß", "Köhler", "Brandt", "Lehmann", "Vogt", "Jäger", "Ziegler"),
    areas=("Hessen", "Bayern", "Baden-Württemberg", "Nordrhein-Westfalen", "Thüringen"),
    countries=("DE", "DE", "DE", "AT", "FR", "NL"),
    foreign_country="US",
    branches=("Zeil", "Bornheim", "Sachsenhausen", "Höchst", "Bockenheim"),
    products=(
        ("Vollkornbrot", "Lebensmittel", "piece"),
        ("Apfelsaft, naturtrüb", "Lebensmittel", "liter"),
        ("Wanderschuhe", "Kleidung", "piece"),
        ('Rucksack "Alpin"', "Kleidung", "piece"),
        ("Kriminalroman", "Bücher", "piece"),
        ("Kopfhörer", "Elektronik", "piece"),
        ("Bergkäse", "Lebensmittel", "kg"),
    ),
    messages=(
        "Wo bleibt meine Bestellung?",
        "Guten Tag,\nder Artikel ist beschädigt angekommen.\n\nMit freundlichen Grüßen",
        'Die Größe "M" fällt klein aus; bitte umtauschen.',
        "Sehr zufrieden, gerne wieder!",
    ),
    phone_prefix="+4969",
    note=("Bemerkung", "aus der Filiale nachgereicht"),
)

VIRGINIA = People(
    first_names=("Emily", "David", "Jane", "Robert", "Alice", "Marcus", "Renée", "José", "Grace", "Owen", "Maya"),
    last_names=("Garcia", "Johnson", "O'Brien", "Williams", "Brown", "Davis", "Nguyen", "Miller", "Peña", "Clark"),
    areas=("North", "South", "East", "West"),
    countries=("US",),
    foreign_country="DE",
    branches=("Central", "Downtown", "East Side", "Uptown", "West End"),
    products=(
        ("Laptop", "Electronics", "piece"),
        ("Headphones", "Electronics", "piece"),
        ("Novel", "Books", "piece"),
        ("Backpack, 20 l", "Clothing", "piece"),
        ("Running Shoes", "Clothing", "piece"),
        ("Milk", "Grocery", "liter"),
        ('Bread "Farmhouse"', "Grocery", "kg"),
    ),
    messages=(
        "Where is my order?",
        "Hi there,\nthe box arrived damaged, can you help?\nThanks",
        'The "large" is more of a medium, to be honest.',
        "Great service!",
    ),
    phone_prefix="+1703",
    note=("Notes", "entered by phone"),
)

SINGAPORE = People(
    first_names=("Wei Ling", "Arjun", "Nguyễn Thị", "Siti", "Trần Văn", "Somchai", "Hui Min", "Budi", "Lê Minh", "Mei"),
    last_names=("Tan", "Lim", "Hà", "Rahman", "Đức", "Wong", "Phúc", "Santoso", "Kumar", "Ng"),
    areas=("Central", "North-East", "Quận 1", "Bangkok Noi", "Jakarta Selatan"),
    countries=("SG", "SG", "VN", "VN", "TH", "ID"),
    foreign_country="US",
    branches=("Orchard", "Bugis", "Jurong East", "Tampines", "Bến Thành"),
    products=(
        ("Rice Cooker", "Home", "piece"),
        ("Kopi, ground", "Grocery", "kg"),
        ("Áo dài", "Clothing", "piece"),
        ("Batik Shirt", "Clothing", "piece"),
        ("Earbuds", "Electronics", "piece"),
        ("Coconut Water", "Grocery", "liter"),
    ),
    messages=(
        "Can I collect at Orchard?",
        "Xin chào,\nđơn hàng của tôi ở đâu?",
        'Parcel says "delivered", but nothing came.',
        "Terima kasih!",
    ),
    phone_prefix="+6561",
    note=("remark", "via app"),
)
