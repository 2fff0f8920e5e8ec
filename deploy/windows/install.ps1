<#
.SYNOPSIS
Installs temu-assets and its services on Windows, or brings an installed one to the version this script lies in.

.DESCRIPTION
Run it in an elevated PowerShell (5.1 or newer) from the unpacked program:

    .\deploy\windows\install.ps1 -WinSW C:\Downloads\WinSW-x64.exe -Account 'FIRMA\svc-temu$'

May be run again: data and settings that are there stay. Services are stopped for it; what runs then is ended and goes on in the next run.

.PARAMETER WinSW
The program that makes a service of another one (https://github.com/winsw/winsw, 2.12 or 3). It is not part of this program.

.PARAMETER Account
The account the services run under. Windows authentication to SQL Server uses it: give it the rights of docs\sql-server.md. A group managed
service account ends with $ and needs no password; for another account the password is asked for.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $WinSW,
    [Parameter(Mandatory = $true)] [string] $Account,
    [string] $Program = 'C:\Program Files\temu-assets',
    [string] $Data = 'C:\ProgramData\temu-assets',
    [string] $Python = 'py'
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$source = (Resolve-Path (Join-Path $PSScriptRoot '..\..')).Path
$names = 'code', 'daemon', 'webserver', 'readonly', 'uploads'

function Invoke-Checked {
    param([string] $Command, [string[]] $Arguments)
    & $Command @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Command $($Arguments -join ' ') ended with $LASTEXITCODE." }
}

if (-not (Test-Path $WinSW)) { throw "WinSW is not there: $WinSW" }
$isManaged = $Account.EndsWith('$')
$password = $null
if (-not $isManaged) {
    $password = (Get-Credential -UserName $Account -Message 'Password of the account the services run under').GetNetworkCredential().Password
}

# In the reverse order: the daemon before the code server, or a run could not be launched.
foreach ($name in 'uploads', 'readonly', 'webserver', 'daemon', 'code') {
    if (Get-Service "temu-assets-$name" -ErrorAction SilentlyContinue) { Stop-Service "temu-assets-$name" }
}

foreach ($folder in $Program, "$Program\deploy", "$Program\services", $Data, "$Data\dagster", "$Data\logs\services") {
    New-Item -ItemType Directory -Force -Path $folder | Out-Null
}
# Nobody but the administrators and the services' account reads what lies there; nobody but the administrators changes the program.
# S-1-5-18 is the system, S-1-5-32-544 are the administrators, whatever they are called in the language of this Windows.
Invoke-Checked icacls @($Data, '/inheritance:r', '/grant:r', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F', "${Account}:(OI)(CI)M", '/Q')
Invoke-Checked icacls @($Program, '/inheritance:r', '/grant:r', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F', "${Account}:(OI)(CI)RX", '/Q')

if (Test-Path "$Program\venv") { Remove-Item -Recurse -Force "$Program\venv" }
Invoke-Checked $Python @("$source\deploy\make_release.py", "$Program\venv")
Copy-Item "$source\deploy\workspace.yaml" "$Program\deploy\workspace.yaml"
if (-not (Test-Path "$Data\.env")) { Copy-Item "$source\.env.example" "$Data\.env" }
if (-not (Test-Path "$Data\dagster\dagster.yaml")) { Copy-Item "$source\dagster.yaml" "$Data\dagster\dagster.yaml" }

$env:DAGSTER_HOME = "$Data\dagster"

Push-Location $Data
try {
    # Before anything else: two first starts at once would damage an empty Dagster home.
    Invoke-Checked "$Program\venv\Scripts\dagster.exe" @('instance', 'migrate')
} finally {
    Pop-Location
}

function Read-Filled {
    param([string] $File)
    (Get-Content -Raw -Encoding UTF8 "$PSScriptRoot\$File").Replace('@PROGRAM@', $Program).Replace('@DATA@', $Data).Replace('@ACCOUNT@', $Account)
}

foreach ($name in $names) {
    $service = "$Program\services\temu-assets-$name.exe"
    Copy-Item $WinSW $service
    Read-Filled "temu-assets-$name.xml" | Set-Content -Encoding UTF8 "$Program\services\temu-assets-$name.xml"
    if (-not (Get-Service "temu-assets-$name" -ErrorAction SilentlyContinue)) { Invoke-Checked $service @('install') }
    # sc.exe wants the space behind each "=".
    $login = if ($isManaged) { @('obj=', $Account) } else { @('obj=', $Account, 'password=', $password) }
    Invoke-Checked sc.exe (@('config', "temu-assets-$name") + $login)
}

$task = (Read-Filled 'alerts-task.xml') -replace '^<\?xml[^>]*\?>\s*', ''
if ($isManaged) {
    # A managed account's password is Windows' own business.
    Register-ScheduledTask -TaskName 'temu-assets alerts' -Xml $task -Force | Out-Null
} else {
    Register-ScheduledTask -TaskName 'temu-assets alerts' -Xml $task -User $Account -Password $password -Force | Out-Null
}

Write-Output "Installed. Settings: $Data\.env. Then, in ${Data}:"
Write-Output "  & '$Program\venv\Scripts\temu-assets.exe' migrate"
Write-Output "  & '$Program\venv\Scripts\temu-assets.exe' doctor"
Write-Output "  Start-Service temu-assets-code, temu-assets-daemon, temu-assets-webserver, temu-assets-readonly, temu-assets-uploads"
