-- The database of temu-assets' own, on the same or another SQL Server.
--
-- Run by an administrator of the SQL Server, in SSMS or with sqlcmd. It can be run again at any time.
-- Before: replace the password (the login is the one of jtl-rights.sql where both databases are on one server).

USE [master];
GO
IF DB_ID(N'toci') IS NULL
    CREATE DATABASE [toci];
GO
-- Readers then do not wait for writers. Only where it is not so yet: it ends what others are doing in the database.
IF EXISTS (SELECT 1 FROM sys.databases WHERE name = N'toci' AND is_read_committed_snapshot_on = 0)
    ALTER DATABASE [toci] SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;
GO
IF SUSER_ID(N'temu_assets') IS NULL
    CREATE LOGIN [temu_assets] WITH PASSWORD = N'replace-this-Passw0rd', CHECK_POLICY = ON;
GO

USE [toci];
GO
IF USER_ID(N'temu_assets') IS NULL
    CREATE USER [temu_assets] FOR LOGIN [temu_assets];
GO
-- For every run
ALTER ROLE [db_datareader] ADD MEMBER [temu_assets];
ALTER ROLE [db_datawriter] ADD MEMBER [temu_assets];
GO
-- For the first run and for temu-assets migrate: they make and change tables. In between it can be taken away:
--   ALTER ROLE [db_ddladmin] DROP MEMBER [temu_assets];
-- db_owner would do as well and is more than is needed. Whoever runs the script of `temu-assets migrate --sql` as an administrator
-- needs neither.
ALTER ROLE [db_ddladmin] ADD MEMBER [temu_assets];
GO
