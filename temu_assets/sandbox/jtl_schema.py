"""The subset of JTL-Wawi's schema the stand-in has, as SQLite: table and view names without their schema.

Source: fact sheet jtl-wawi, sections 4.1 and 4.2. Only columns of that sheet; times are naive local texts. The table
``sandbox_rejected`` is the stand-in's own: JTL has no place where the reason of a refused import can be read.
"""

SCHEMA = """
CREATE TABLE tversion (cVersion TEXT NOT NULL);
CREATE TABLE tArtikel (
  kArtikel INTEGER PRIMARY KEY AUTOINCREMENT, cArtNr TEXT COLLATE NOCASE NOT NULL UNIQUE, cBarcode TEXT,
  cAktiv TEXT NOT NULL DEFAULT 'Y', cLagerArtikel TEXT DEFAULT 'Y', cLagerAktiv TEXT NOT NULL DEFAULT 'Y',
  cLagerKleinerNull TEXT NOT NULL DEFAULT 'N', cLagerVariation TEXT NOT NULL DEFAULT 'N', cTeilbar TEXT DEFAULT 'N',
  nDelete TINYINT DEFAULT 0, nIstVater TINYINT NOT NULL DEFAULT 0, kVaterArtikel INT NOT NULL DEFAULT 0,
  kStueckliste INT NOT NULL DEFAULT 0, nPufferTyp TINYINT, nPuffer INT NOT NULL DEFAULT 0,
  nLagerbestand NUMERIC NOT NULL DEFAULT 0, fVKNetto NUMERIC NOT NULL DEFAULT 0, fEKNetto NUMERIC NOT NULL DEFAULT 0,
  kSteuerklasse INT NOT NULL DEFAULT 1
);
CREATE TABLE tWarenLager (
  kWarenLager INTEGER PRIMARY KEY AUTOINCREMENT, cName TEXT, cKuerzel TEXT,
  nFulfillment TINYINT NOT NULL DEFAULT 0, nLagerplatzVerwaltung TINYINT NOT NULL DEFAULT 0,
  nAktiv TINYINT NOT NULL DEFAULT 1
);
CREATE TABLE tlagerbestandProLagerLagerartikel (
  kArtikel INT NOT NULL, kWarenlager INT NOT NULL, fBestand NUMERIC NOT NULL DEFAULT 0 CHECK (fBestand >= 0),
  fVerfuegbarGesperrt NUMERIC NOT NULL DEFAULT 0 CHECK (fVerfuegbarGesperrt >= 0),
  fAuslieferungGesperrt NUMERIC NOT NULL DEFAULT 0 CHECK (fAuslieferungGesperrt >= 0), PRIMARY KEY (kArtikel,
  kWarenlager)
);
CREATE TABLE tlagerbestand (
  kArtikel INT NOT NULL PRIMARY KEY, fLagerbestand NUMERIC NOT NULL DEFAULT 0, fVerfuegbar NUMERIC NOT NULL DEFAULT 0,
  fVerfuegbarGesperrt NUMERIC NOT NULL DEFAULT 0, fZulauf NUMERIC NOT NULL DEFAULT 0,
  fLagerbestandEigen NUMERIC NOT NULL DEFAULT 0, fInAuftraegen NUMERIC NOT NULL DEFAULT 0 CHECK (fInAuftraegen >= 0)
);
CREATE TABLE tStueckliste (
  kStueckliste INT NOT NULL, kArtikel INT NOT NULL, fAnzahl NUMERIC NOT NULL CHECK (fAnzahl > 0),
  PRIMARY KEY (kStueckliste, kArtikel)
);
CREATE VIEW vLagerbestandProLager AS
  SELECT b.kArtikel, b.kWarenlager, b.fBestand AS fBestand
  FROM tlagerbestandProLagerLagerartikel AS b
  UNION ALL
  SELECT kopf.kArtikel, kb.kWarenlager,
         MIN(CASE WHEN kopf.cTeilbar = 'Y' THEN kb.fBestand * 1.0 / st.fAnzahl
                       ELSE CAST(kb.fBestand * 1.0 / st.fAnzahl AS INTEGER) END)
  FROM tArtikel AS kopf
  JOIN tStueckliste AS st ON st.kStueckliste = kopf.kStueckliste
  JOIN tArtikel AS komp   ON komp.kArtikel = st.kArtikel AND komp.cLagerAktiv = 'Y'
  JOIN tlagerbestandProLagerLagerartikel AS kb ON kb.kArtikel = komp.kArtikel
  WHERE kopf.kStueckliste > 0
  GROUP BY kopf.kArtikel, kb.kWarenlager;
CREATE TABLE tversandart (
  kVersandArt INT NOT NULL PRIMARY KEY, cName TEXT, cAktiv TEXT, nTrackingIDEingabePflicht TINYINT,
  cTrackingUrlTemplate TEXT, cAmazonCarrierCode TEXT, cEbayCarrierCode TEXT,
  cMarktplatzLieferservice TEXT
);
CREATE TABLE tZahlungsart (
  kZahlungsart INT NOT NULL PRIMARY KEY, cName TEXT, nAusliefernVorZahlung TINYINT, nAktiv BIT NOT NULL DEFAULT 1
);
CREATE TABLE tPlattform (
  nPlattform INT NOT NULL PRIMARY KEY, cName TEXT NOT NULL, cID TEXT NOT NULL, nInet INT NOT NULL DEFAULT 0,
  nTyp INT NOT NULL DEFAULT 9
);
CREATE TABLE tkunde (
  kKunde INTEGER PRIMARY KEY AUTOINCREMENT, cKundenNr TEXT, kKundenGruppe INT, cSperre TEXT DEFAULT 'N',
  cHerkunft TEXT, dErstellt TEXT
);
CREATE TABLE tAdresse (
  kAdresse INTEGER PRIMARY KEY AUTOINCREMENT, kKunde INT,
  cFirma TEXT, cAnrede TEXT, cVorname TEXT,
  cName TEXT, cStrasse TEXT, cAdressZusatz TEXT,
  cPLZ TEXT, cOrt TEXT, cLand TEXT, cISO TEXT,
  cTel TEXT, cMail TEXT, nStandard TINYINT, nTyp TINYINT NOT NULL DEFAULT 0
);
CREATE VIEW lvKunde AS
  SELECT k.kKunde, k.cKundenNr, a.cName, a.cVorname, a.cFirma, a.cMail AS cEMail,
         a.cPLZ, a.cOrt, a.cLand, k.cHerkunft, k.kKundenGruppe, k.dErstellt
  FROM tkunde AS k
  JOIN tAdresse AS a ON a.kKunde = k.kKunde AND a.nStandard = 1 AND a.nTyp = 1;
CREATE TABLE tAuftrag (
  kAuftrag INTEGER PRIMARY KEY AUTOINCREMENT, kKunde INT, cKundenNr TEXT, cAuftragsNr TEXT COLLATE NOCASE NOT NULL,
  nType TINYINT NOT NULL DEFAULT 1, dErstellt TEXT NOT NULL, dExternesErstelldatum TEXT, cWaehrung TEXT,
  fFaktor NUMERIC NOT NULL DEFAULT 1, kPlattform INT, cExterneAuftragsnummer TEXT COLLATE NOCASE, kVersandArt INT,
  kZahlungsart INT, kWarenlager INT, nStorno BIT NOT NULL DEFAULT 0, nKomplettAusgeliefert INT NOT NULL DEFAULT 0,
  nAuftragStatus TINYINT NOT NULL DEFAULT 0,
  CONSTRAINT UQ_Verkauf_tAuftrag_cAuftragsNr_nType UNIQUE (cAuftragsNr, nType)
);
CREATE INDEX IX_Verkauf_tAuftrag_cExterneAuftragsnummer ON tAuftrag (cExterneAuftragsnummer);
CREATE TABLE tAuftragPosition (
  kAuftragPosition INTEGER PRIMARY KEY AUTOINCREMENT,
  kAuftrag INT NOT NULL REFERENCES tAuftrag (kAuftrag) ON DELETE CASCADE,
  kArtikel INT, cArtNr TEXT COLLATE NOCASE, cName TEXT, fAnzahl NUMERIC NOT NULL,
  fVkNetto NUMERIC NOT NULL DEFAULT 0, fMwSt NUMERIC NOT NULL, fRabatt NUMERIC NOT NULL DEFAULT 0,
  nType TINYINT NOT NULL,
  nSort INT NOT NULL DEFAULT 0, kAuftragStueckliste INT
);
CREATE TABLE tLieferschein (
  kLieferschein INTEGER PRIMARY KEY AUTOINCREMENT, kBestellung INT NOT NULL, kBenutzer INT NOT NULL DEFAULT 1,
  cLieferscheinNr TEXT, cHinweis TEXT, dErstellt TEXT, nFulfillment INT,
  kLieferantenBestellung INT
);
CREATE INDEX IX_tLieferschein_kBestellung ON tLieferschein (kBestellung);
CREATE TABLE tLieferscheinPos (
  kLieferscheinPos INTEGER PRIMARY KEY AUTOINCREMENT, kLieferschein INT NOT NULL, kBestellPos INT,
  fAnzahl NUMERIC NOT NULL DEFAULT 0
);
CREATE TABLE tVersand (
  kVersand INTEGER PRIMARY KEY AUTOINCREMENT, kLieferschein INT NOT NULL, kBenutzer INT NOT NULL DEFAULT 1,
  kLogistik INT,
  cIdentCode TEXT, dErstellt TEXT, cHinweis TEXT, fGewicht NUMERIC NOT NULL DEFAULT 0,
  kVersandArt INT, cLogistiker TEXT, cFulfillmentCenter TEXT, dAnkunftszeit TEXT,
  dVersendet TEXT, nStatus TINYINT NOT NULL DEFAULT 0, cShipmentId TEXT, cReference TEXT,
  cEnclosedReturnIdentCode TEXT
);
CREATE INDEX IX_tVersand_kLieferschein ON tVersand (kLieferschein);
CREATE TABLE tVersandPos (
  kVersand INT NOT NULL, kLieferscheinPos INT NOT NULL, fAnzahl NUMERIC NOT NULL DEFAULT 0,
  PRIMARY KEY (kVersand, kLieferscheinPos)
);
CREATE TABLE tXMLBestellImport (
  kXMLBestellImport INTEGER PRIMARY KEY AUTOINCREMENT, cText TEXT, nPlattform TINYINT, nRechnung TINYINT
);
CREATE VIEW lvLieferschein AS
  SELECT ls.kLieferschein, ls.cLieferscheinNr, ls.dErstellt, ls.cHinweis,
         ls.kLieferantenBestellung, ls.nFulfillment AS nIstFulfillment,
         au.cExterneAuftragsnummer AS cBestellungInetBestellNr,
         au.cAuftragsNr AS cBestellNr,
         COALESCE(au.kKunde, 0) AS kKunde, au.cKundenNr AS cKundeNr,
         COALESCE(au.kPlattform, 0) AS nPlattform,
         au.kVersandArt AS kVersandart,
         pk.dVersendet, COALESCE(pk.nPakete, 0) AS nAnzahlPakete,
         COALESCE(pk.nWeg, 0) AS nAnzahlVersendetePakete
  FROM tLieferschein AS ls
  JOIN tAuftrag AS au ON au.kAuftrag = ls.kBestellung
  LEFT JOIN (SELECT kLieferschein, COUNT(*) AS nPakete, MAX(dVersendet) AS dVersendet,
                    SUM(CASE WHEN dVersendet IS NULL THEN 0 ELSE 1 END) AS nWeg
             FROM tVersand GROUP BY kLieferschein) AS pk ON pk.kLieferschein = ls.kLieferschein;
CREATE VIEW lvLieferscheinpaket AS
  SELECT p.kLieferschein, p.kVersand AS kInternePaketnummer, p.cIdentCode AS cTrackingId,
         p.cShipmentId AS cSendungsreferenz, p.dErstellt AS dVerpackt, p.dVersendet, p.cHinweis,
         p.cFulfillmentCenter, p.dAnkunftszeit AS dVoraussichtlichesLieferdatum,
         COALESCE(va.cName, '') AS cVersandartName, p.fGewicht, p.nStatus, p.cEnclosedReturnIdentCode
  FROM tVersand AS p
  LEFT JOIN tversandart AS va ON va.kVersandArt = p.kVersandArt;
CREATE TABLE sandbox_rejected (kXMLBestellImport INTEGER PRIMARY KEY, cReason TEXT NOT NULL, dErstellt TEXT NOT NULL);
"""
