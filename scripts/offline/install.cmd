@echo off
rem Installs govdata on a Windows machine without internet; needs no administrator. Double-click it, or: install.cmd [FOLDER]
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1" %*
set code=%ERRORLEVEL%
if not defined CI pause
exit /b %code%
