-- What temu-assets may do in JTL-Wawi's database: read 14 objects and hand over orders, nothing else.
--
-- Run by an administrator of the SQL Server, in SSMS or with sqlcmd. It can be run again at any time, also after an update of JTL.
-- Before: replace the password, and eazybusiness where your tenant's database has another name.

USE [master];
GO
IF SUSER_ID(N'temu_assets') IS NULL
    CREATE LOGIN [temu_assets] WITH PASSWORD = N'replace-this-Passw0rd', CHECK_POLICY = ON;
GO

USE [eazybusiness];
GO
IF USER_ID(N'temu_assets') IS NULL
    CREATE USER [temu_assets] FOR LOGIN [temu_assets];
GO
IF DATABASE_PRINCIPAL_ID(N'temu_assets_in_jtl') IS NULL
    CREATE ROLE [temu_assets_in_jtl];
GO
ALTER ROLE [temu_assets_in_jtl] ADD MEMBER [temu_assets];
GO

-- Orders, to see which JTL has
GRANT SELECT ON Verkauf.tAuftrag TO [temu_assets_in_jtl];
GRANT SELECT ON Verkauf.tAuftragPosition TO [temu_assets_in_jtl];
-- Delivery notes and parcels
GRANT SELECT ON dbo.tLieferschein TO [temu_assets_in_jtl];
GRANT SELECT ON dbo.tLieferscheinPos TO [temu_assets_in_jtl];
GRANT SELECT ON dbo.tVersand TO [temu_assets_in_jtl];
GRANT SELECT ON dbo.tVersandPos TO [temu_assets_in_jtl];
-- Names an order refers to
GRANT SELECT ON dbo.tversandart TO [temu_assets_in_jtl];
GRANT SELECT ON dbo.tZahlungsart TO [temu_assets_in_jtl];
-- Articles and stock
GRANT SELECT ON dbo.tArtikel TO [temu_assets_in_jtl];
GRANT SELECT ON dbo.tlagerbestand TO [temu_assets_in_jtl];
GRANT SELECT ON dbo.vLagerbestandProLager TO [temu_assets_in_jtl];
GRANT SELECT ON dbo.tWarenLager TO [temu_assets_in_jtl];
-- JTL's version, for temu-assets doctor
GRANT SELECT ON dbo.tversion TO [temu_assets_in_jtl];
-- The import table: the one place that is written. JTL's worker takes the orders from there.
GRANT SELECT, INSERT ON dbo.tXMLBestellImport TO [temu_assets_in_jtl];
GO
