"""JTL-Wawi's database (``eazybusiness``): read only, except for the one insert into ``dbo.tXMLBestellImport``."""
