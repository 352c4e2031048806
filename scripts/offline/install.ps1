# 在没有互联网的 Windows 上安装 govdata；不需要管理员权限。 Installs govdata on a Windows machine without internet; needs no administrator.
#     powershell -ExecutionPolicy Bypass -File install.ps1 [FOLDER]      默认 / by default: %LOCALAPPDATA%\govdata-program
# $env:PYTHON 指明用哪个 Python。 $env:PYTHON names the Python to use. 再运行一次就重新安装。 Run again, it installs anew.
param([string]$Target = (Join-Path $env:LOCALAPPDATA 'govdata-program'))
$ErrorActionPreference = 'Stop'
$here = Split-Path -Parent $MyInvocation.MyCommand.Path

function Stop-Install([string]$Text) {
    [Console]::Error.WriteLine($Text)
    exit 3
}

$sums = Join-Path $here 'SHA256SUMS'
if (-not (Test-Path -LiteralPath $sums)) { Stop-Install '这个文件夹不完整：没有 SHA256SUMS。 / This folder is not whole: there is no SHA256SUMS.' }
foreach ($line in Get-Content -LiteralPath $sums -Encoding UTF8) {
    $wanted, $name = $line -split '  ', 2
    $path = Join-Path $here ($name -replace '/', '\')
    if (-not (Test-Path -LiteralPath $path) -or (Get-FileHash -Algorithm SHA256 -LiteralPath $path).Hash -ne $wanted) {
        Stop-Install "文件损坏或被改动过，没有安装：$name / A file is damaged or was changed; nothing was installed: $name"
    }
}

# A Python is asked for its version; the one in the Windows store that only opens a shop answers nothing.
$candidates = @()
if ($env:PYTHON) { $candidates += , @($env:PYTHON) }
foreach ($version in '3.13', '3.12', '3.11') { $candidates += , @('py', "-$version") }
$candidates += , @('python')
$python = $null
foreach ($candidate in $candidates) {
    $program, $arguments = $candidate
    if (-not (Get-Command $program -ErrorAction SilentlyContinue)) { continue }
    $ErrorActionPreference = 'Continue'
    $told = & $program @arguments -c "import struct, sys; print('%d.%d %d' % (*sys.version_info[:2], struct.calcsize('P') * 8))" 2>$null
    $ErrorActionPreference = 'Stop'
    if ("$told" -notmatch '^(3\.[0-9]+) 64$') { continue }
    $list = Join-Path $here "requirements\windows-amd64-$($Matches[1]).txt"
    if (Test-Path -LiteralPath $list) { $python = $candidate; break }
}
if (-not $python) {
    $known = (Get-ChildItem -LiteralPath (Join-Path $here 'requirements')).BaseName -join ', '
    Stop-Install "没有找到合适的 64 位 Python。这个文件夹适用于： / No suitable 64-bit Python was found. This folder is for: $known"
}

# Windows keeps the paths of the environment inside it, so it is made in its place; a failed try is taken away.
if (Test-Path -LiteralPath $Target) { Remove-Item -LiteralPath $Target -Recurse -Force }
$program, $arguments = $python
& $program @arguments -m venv --without-pip $Target
if ($LASTEXITCODE -ne 0) { Stop-Install "不能写入 $Target / $Target cannot be written" }
$pip = (Get-ChildItem -Path (Join-Path $here 'wheels\pip-*-py3-none-any.whl')).FullName
$env:PIP_NO_INDEX = '1'
$env:PYTHONUTF8 = '1'
& (Join-Path $Target 'Scripts\python.exe') "$pip\pip" --isolated --disable-pip-version-check install --quiet --no-index --no-deps `
    --only-binary ':all:' --require-hashes --find-links (Join-Path $here 'wheels') --requirement $list
if ($LASTEXITCODE -ne 0) {
    Remove-Item -LiteralPath $Target -Recurse -Force
    Stop-Install '安装没有完成。 / Installing failed.'
}
& (Join-Path $Target 'Scripts\govdata.exe') --version
Write-Output "已安装 / Installed: $(Join-Path $Target 'Scripts\govdata.exe')"
exit 0
