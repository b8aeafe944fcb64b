package columns

// kind is what a word of a heading says. A word can say several things.
type kind uint16

const (
	telephone  kind = 1 << iota // a telephone: "phone", "Rufnummer"
	number                      // a number of some kind: "number", "Nummer"
	caller                      // whoever rings: "caller", "from", "scam"
	other                       // somebody else: "called", "victim", "own"
	another                     // somebody else in an address book too, such as the next of kin; callers' lists say it as well
	mine                        // one's own, unless it says that it is a caller's: "our", but not "our blocked numbers"
	client                      // somebody else on a list of callers, and the very person in an address book: "customer"
	never                       // no telephone, unless a word for one stands beside it: "order", "NHS"
	descriptor                  // no telephone even then: "type", "date"
	place                       // which of somebody's telephones: "home", "work"
	filler                      // says nothing: "of", "the"
	text                        // a name or a note
)

// words are the words of headings, without accents and in lower case: English, French, German, Spanish, Italian and Dutch.
var words = map[kind][]string{
	telephone: {
		"phone", "phones", "telephone", "telephones", "tel", "tels", "mobile", "mobiles", "cell", "cellphone", "cellular", "landline", "fax", "pager", "callback", "isdn",
		"phoneno", "phonenumber", "msisdn", "e164", "portable", "mobil", "telefon", "telefone", "telefonnummer", "mobiltelefon", "mobilnummer", "handy", "handynummer",
		"rufnummer", "rufnummern", "festnetz", "fon", "telefono", "telefonos", "telefoni", "movil", "celular", "cellulare", "telefoon", "telefoonnummer", "mobiel", "gsm", "whatsapp",
	},
	number: {"number", "numbers", "num", "nbr", "nmbr", "no", "nr", "numero", "numeros", "numeri", "nummer", "nummern", "nummers"},
	caller: {
		"caller", "callers", "calling", "from", "scam", "scammer", "scammers", "spam", "spammer", "spammers", "src", "source", "offender", "suspect", "suspects", "suspicious",
		"suspected", "fraud", "fraudster", "fraudulent", "nuisance", "unwanted", "blocked", "block", "blacklist", "blacklisted", "blocklist", "blocklisted", "bad", "robocall",
		"robocaller", "telemarketer", "telemarketing", "harassing", "incoming", "inbound", "perpetrator", "clid", "callerid", "cli", "cid", "ani", "originator", "originating",
		"origin", "sender", "remote", "appelant", "appelante", "appelants", "arnaque", "arnaqueur", "escroc", "suspecte", "indesirable", "indesirables", "bloque", "bloques", "entrant",
		"emetteur", "expediteur", "anrufer", "anrufers", "anrufende", "betruger", "tater", "absender", "quelle", "gesperrt", "gesperrte", "verdachtig", "verdachtige", "eingehend",
		"llamante", "estafa", "estafador", "sospechoso", "remitente", "emisor", "bloqueado", "entrante", "origen", "desde", "chiamante", "truffa", "truffatore", "sospetto", "mittente",
		"bloccato", "beller", "oplichter", "oplichting", "afzender", "geblokkeerd", "verdacht", "inkomend", "bron",
	},
	other: {
		"called", "callee", "dialled", "dialed", "dst", "dest", "destination", "dnis", "did", "local", "victim", "victims", "reporter",
		"complainant", "consumer", "informant", "witness", "recipient", "receiver", "submitter", "user", "line", "outgoing", "outbound", "appele", "appelee", "destinataire",
		"victime", "victimes", "plaignant", "declarant", "signalant", "temoin", "sortant", "ligne", "angerufene", "angerufener", "angerufen", "gewahlte",
		"opfer", "opfers", "melder", "geschadigter", "geschadigte", "zeuge", "ziel", "empfanger", "anzeigender", "anzeigeerstatter", "ausgehend", "gewahlt", "llamado", "llamada", "destino", "victima", "denunciante",
		"receptor", "destinatario", "afectado", "chiamato", "vittima", "segnalante", "destinazione", "gebelde", "gebeld", "slachtoffer",
		"ontvanger", "bestemming", "aangever", "uitgaand", "to", "naar", "lijn",
	},
	mine: {"own", "my", "our", "your", "propre", "mon", "notre", "eigene", "eigener", "eigenes", "meine", "unsere", "propio", "mi", "proprio", "mio", "eigen", "mijn", "onze"},
	another: {
		"emergency", "kin", "urgence", "notfall", "emergencia", "emergenza", "nood", "assistant", "spouse", "wife", "husband", "partner", "son", "daughter", "mother", "father", "mum", "dad", "sister",
		"brother", "relative", "neighbour", "neighbor", "carer", "caregiver", "keyholder", "guardian", "doctor", "gp", "nurse", "solicitor", "landlord", "conjoint", "conjointe", "epouse", "epoux", "mari",
		"femme", "fils", "fille", "mere", "pere", "voisin", "voisine", "medecin", "ehefrau", "ehemann", "sohn", "tochter", "mutter", "vater", "nachbar", "nachbarin", "arzt", "hausarzt", "betreuer",
		"betreuerin", "pflegedienst", "angehorige", "esposa", "esposo", "marido", "hijo", "hija", "madre", "padre", "vecino", "vecina", "medico", "moglie", "marito", "figlio", "figlia", "vicino", "vicina",
		"badante", "echtgenoot", "echtgenote", "zoon", "dochter", "moeder", "vader", "buurman", "buurvrouw", "huisarts", "mantelzorger",
	},
	client: {"customer", "client", "patient", "resident", "member", "kunde", "kunden", "patienten", "mitglied", "cliente", "paciente", "paziente", "klant", "lid", "adherent", "subscriber", "parent", "tenant"},
	never: {
		"order", "case", "policy", "nhs", "membership", "invoice", "iban", "bic", "sort", "acct", "row", "serial", "ref", "reference", "ticket", "incident", "crime", "docket",
		"badge", "postcode", "postal", "zip", "lat", "latitude", "lon", "lng", "long", "longitude", "coordinates", "coords", "age", "dob", "birth", "birthday", "birthdate", "amount", "price",
		"cost", "loss", "total", "sum", "hits", "views", "passport", "licence", "license", "driving", "vehicle", "registration", "plate", "tax", "vat", "ssn", "social",
		"insurance", "ni", "nino", "medical", "hospital", "student", "employee", "staff", "payroll", "booking", "reservation", "tracking", "parcel", "card", "pin", "meter",
		"mpan", "imei", "imsi", "iccid", "sim", "mac", "ip", "port", "version", "isbn", "ean", "sku", "barcode", "product", "item", "quantity", "qty", "room", "bed", "ward",
		"house", "flat", "street", "address", "epoch", "unix", "uuid", "guid", "index", "seq", "sequence", "batch", "loan", "contract", "claim", "file", "record", "complaint",
		"commande", "dossier", "police", "facture", "contrat", "compte", "securite", "sociale", "secu", "nir", "siret", "siren", "reservations", "rue", "ordre", "plainte", "affaire", "montant",
		"bestell", "bestellung", "auftrag", "auftrags", "vertrag", "vertrags", "versicherung", "versicherten", "versichertung", "versicherungs", "rechnung", "rechnungs", "konto", "akten",
		"aktenzeichen", "fall", "vorgang", "vorgangs", "haus", "steuer", "serien", "ausweis", "personal", "plz", "postleitzahl", "lfd", "laufende", "beleg", "betrag", "police", "policen", "sozialversicherungs",
		"pedido", "caso", "poliza", "factura", "contrato", "cuenta", "expediente", "dni", "nif", "nie", "calle", "importe", "afiliado", "socio", "seguridad",
		"ordine", "caso", "polizza", "fattura", "contratto", "conto", "pratica", "fiscale", "tessera", "cap", "via", "importo", "socio", "sanitaria",
		"bestel", "bestelling", "zaak", "polis", "factuur", "contract", "rekening", "dossier", "bsn", "huis", "straat", "serie", "burgerservice", "verzekering", "bedrag", "volg",
		"anzahl", "aantal", "counter",
	},
	descriptor: {
		"type", "label", "account", "id", "ids", "code", "provider", "carrier", "model", "ext", "extension", "count", "calls", "reports", "complaints", "votes", "date", "dates", "time", "times", "timestamp", "datetime",
		"day", "month", "year", "duration", "length", "seconds", "secs", "sec", "minutes", "created", "updated", "modified", "bill", "country", "area", "uses", "reporters", "confidence", "certainty", "expires",
		"nebenstelle", "durchwahl", "datum", "zeit", "uhrzeit", "dauer", "poste", "heure", "duree", "jour", "fecha", "hora", "duracion", "data", "ora", "durata", "interno",
		"tijd", "duur", "toestel", "doorkiesnummer", "typ", "tipo", "art", "soort", "compte", "konto", "etiquette", "anbieter",
	},
	place: {
		"home", "work", "office", "private", "main", "day", "daytime", "evening", "primary", "secondary", "business", "contact", "company", "house", "maison", "domicile",
		"bureau", "travail", "prive", "fixe", "privat", "geschaftlich", "buro", "dienstlich", "arbeit", "casa", "trabajo", "oficina", "fijo", "lavoro", "ufficio", "fisso", "thuis", "werk",
		"vast", "prive", "principal", "personnel", "personnelle", "personal", "value", "full", "raw", "formatted", "national", "international", "alt", "alternative", "second",
	},
	filler: {
		"of", "the", "a", "an", "s", "this", "de", "du", "des", "la", "le", "les", "l", "d", "der", "die", "das", "des", "el", "los", "las", "del", "il", "lo", "di", "della", "het", "van",
		"all", "and", "or", "und", "et", "y", "i", "o", "en", "any",
	},
	text: {
		"name", "names", "note", "notes", "reason", "description", "comment", "comments", "remark", "remarks", "message", "email", "mail", "url", "location", "city", "town",
		"nom", "prenom", "nombre", "nome", "naam", "vorname", "nachname", "kommentar", "bemerkung", "notiz", "grund", "motif", "motivo", "reden", "opmerking", "nota", "category", "kategorie",
	},
}

// phrases are headings whose words alone would say something else.
var phrases = map[string]kind{
	"caller id": caller | telephone, "caller id number": caller | telephone, "caller id num": caller | telephone, "called from": caller, "called from number": caller | telephone, "called me": caller,
	"who called": caller, "number that called": caller | telephone, "number that called you": caller | telephone, "number that called me": caller | telephone,
	"number who called": caller | telephone, "calling party": caller, "called party": other, "a number": caller | telephone, "b number": other | telephone,
	"reported number": caller | telephone, "number reported": caller | telephone, "reported phone": caller | telephone, "reported phone number": caller | telephone, "phone number reported": caller | telephone,
	"numero signale": caller | telephone, "gemeldete nummer": caller | telephone, "gemeldete rufnummer": caller | telephone, "numero denunciado": caller | telephone, "numero segnalato": caller | telephone,
	"gemeld nummer": caller | telephone, "company phone number": caller | telephone, "caller id phone number": caller | telephone, "von": caller, "an": other, "van": caller, "da": caller, "de": caller, "a": other,
	"von nummer": caller | telephone, "an nummer": other | telephone, "no": text, "nr": text, "num": text, "n": text, "s no": never, "sr no": never, "e 164": telephone,
	"reported by": other, "blocked number": caller | telephone, "phone line": other | telephone, "line number": other, "user": text, "source": text, "origin": text, "line": other,
	"emergency contact": another, "next of kin": another, "gp phone": another | telephone, "doctor phone": another | telephone, "phone number id": descriptor, "card no": never,
	"sender id": caller, "day phone": telephone | place, "day number": telephone | place, "daytime number": telephone | place, "day tel": telephone | place,
	"mobile id": descriptor, "home": place, "number 1": number, "number 2": number, "nummer 1": number,
}

// byOthers are words that make a heading somebody else's together with the word before them: "reported by phone", "gemeldet von".
var byOthers = [][2]string{
	{"reported", "by"}, {"submitted", "by"}, {"logged", "by"}, {"entered", "by"}, {"added", "by"}, {"recorded", "by"}, {"taken", "by"}, {"signale", "par"}, {"gemeldet", "von"},
	{"denunciado", "por"}, {"reportado", "por"}, {"segnalato", "da"}, {"gemeld", "door"}, {"informed", "by"}, {"received", "by"}, {"answered", "by"},
}

// counting are what headings begin with that say how many of something there are.
var counting = []string{"number of ", "no of ", "nombre de ", "nombre d ", "numero de llamadas", "numero di chiamate", "numero de reportes", "numero di segnalazioni", "anzahl ", "aantal ", "how many ", "count of "}
